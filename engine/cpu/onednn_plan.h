#pragma once
// A convolution of a fixed number of images, planned by oneDNN once and run by many workers at a time.

#include <optional>
#include <vector>

#include "engine/cpu/onednn_version.h"
#include "engine/cpu/scratch.h"
#include "engine/device.h"

namespace mneme::direct {

const dnnl::engine& the_engine();

/// While alive, oneDNN plans and runs for one thread when called from this thread. What it then computes cannot depend
/// on the number of threads; the parallel work is ours.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// Moves numbers from one format into another; does nothing if they are equal.
class Conversion {
 public:
  Conversion(const dnnl::memory::desc& from, const dnnl::memory::desc& to);
  bool needed() const { return reorder_.has_value(); }
  void run(void* from, void* to);

 private:
  dnnl::memory from_, to_;
  std::optional<dnnl::reorder> reorder_;
};

class Plan {
 public:
  /// `x` and `y` are the layouts in which the image tensors come. `w` fixes the format of the weights.
  Plan(Pass pass, const ConvShape& shape, Layout x, Layout y, const std::optional<dnnl::memory::desc>& w = {});

  /// The weights as the kernel wants them; run() takes them so, and gives their gradient so.
  const dnnl::memory::desc& weight_format() const { return plan_.formats.w; }
  const dnnl::memory::desc& plain_weights() const { return given_.w; }
  /// Called from one thread before run(): makes room for so many workers.
  void seat(int workers);
  /// Computes the pass's result from the other two. `scratch` is the worker's own.
  void run(int worker, Scratch& scratch, float* x, float* w, float* y);

 private:
  /// What one worker needs so that running allocates nothing.
  struct Seat {
    dnnl::memory x, w, y, scratchpad;
    Conversion convert_x, convert_y;
    std::unordered_map<int, dnnl::memory> arguments;
  };
  Seat new_seat() const;

  Pass pass_;
  ConvFormats given_;  // as the tensors lie
  ConvPrimitive plan_;
  std::vector<Seat> seats_;
};

}  // namespace mneme::direct
