#pragma once
// A convolution of a fixed number of images. oneDNN plans it once, and many workers run it at the same time.

#include <optional>
#include <vector>

#include "engine/cpu/onednn_version.h"
#include "engine/cpu/scratch.h"
#include "engine/device.h"

namespace mneme::direct {

/// oneDNN's engine for the CPU.
const dnnl::engine& the_engine();

/// While an object of this class is alive, oneDNN plans for one thread and runs in one thread when this thread calls
/// it. Its results then cannot depend on the number of threads; our code provides the parallel work.
class OneThread {
 public:
  /// Sets the number of threads to one.
  OneThread();
  /// Restores the former number.
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// Copies numbers from one memory format into another; does nothing if the formats are equal.
class Conversion {
 public:
  /// Plans the copy.
  Conversion(const dnnl::memory::desc& from, const dnnl::memory::desc& to);
  /// False if the formats are equal.
  bool needed() const { return reorder_.has_value(); }
  /// Copies, if needed.
  void run(void* from, void* to);

 private:
  dnnl::memory from_, to_;
  std::optional<dnnl::reorder> reorder_;
};

/// One pass of a convolution, planned for a fixed number of images.
class Plan {
 public:
  /// `x` and `y` are the layouts of the given image tensors. `w`, if given, fixes the format of the weights.
  Plan(Pass pass, const ConvShape& shape, Layout x, Layout y, const std::optional<dnnl::memory::desc>& w = {});

  /// The format in which the kernel takes the weights. run() takes them, or returns their gradient, in this format.
  const dnnl::memory::desc& weight_format() const { return plan_.formats.w; }
  /// The format of weights in the plain layout.
  const dnnl::memory::desc& plain_weights() const { return given_.w; }
  /// Prepares for this many workers. One thread must call it before run().
  void seat(int workers);
  /// Computes the result of the pass from the other two tensors. `scratch` belongs to the worker.
  void run(int worker, Scratch& scratch, float* x, float* w, float* y);

 private:
  /// The memory that one worker needs, so that running a plan allocates nothing.
  struct Seat {
    dnnl::memory x, w, y, scratchpad;
    Conversion convert_x, convert_y;
    std::unordered_map<int, dnnl::memory> arguments;
  };
  Seat new_seat() const;

  Pass pass_;
  ConvFormats given_;  // the formats of the given tensors
  ConvPrimitive plan_;
  std::vector<Seat> seats_;
};

}  // namespace mneme::direct
