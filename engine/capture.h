#pragma once
// Note [Captured steps]
// Within a task every training step does the same work on the same memory; only a few numbers differ. On a device that
// captures, such a step runs once as usual, so that plans are chosen and memory is found. The second time it is
// captured: the device computes nothing and notes what it is asked for. From then on it is replayed as a whole, which
// spares the host all its calls: a step of ResNet-32 is some hundreds of kernels of a few microseconds each.
//
// A replay repeats calls with the arguments of then. So
//   - what differs between steps lies in tensors that the step reads and that are written before it, never in
//   arguments; those that come anew with every step, such as its batch, are its inputs, which GraphedStep keeps in
//   place;
//   - memory a captured step takes stays its own (Arena::Reserve), for a replay writes there again;
//   - a captured step asks for no number on the host and brings none in. One that does is found out while it is
//     captured, and from then on runs as usual.
// The step's function must do no more on the host than issue work: it is not called again when the step is replayed.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/device.h"
#include "engine/memory.h"
#include "engine/tensor.h"

namespace mneme {

/// Work noted by a device, to be done again. It ends before the memory it uses.
class CapturedGraph {
 public:
  virtual ~CapturedGraph() = default;
  virtual void launch() = 0;
};

/// Which devices capture steps.
enum class CaptureSteps : uint8_t {
  automatic,  ///< those that gain by it: GPUs
  never,
  always  ///< all that can: the reference device too, which shows what capturing means and is no faster for it
};
void set_capture_steps(CaptureSteps when);
CaptureSteps capture_steps();
/// "auto", "never" or "always". Throws UsageError for other names.
CaptureSteps capture_steps_named(const std::string& name);

/// Throws if a step is being captured on this device; `asked` says what for.
void refuse_in_capture(bool capturing, const char* requested);

/// Work that is done again and again.
class GraphedStep {
 public:
  using Inputs = std::vector<Tensor>;
  using Work = std::function<void(std::span<const Tensor>)>;

  /// `differs` says by what steps differ that a replay could not repeat; empty if by nothing.
  explicit GraphedStep(Device device, std::string difference = "");
  GraphedStep(const GraphedStep&) = delete;
  GraphedStep& operator=(const GraphedStep&) = delete;

  /// Does the work of `step` on `inputs`, which are new tensors every time, or on others that hold the same. It must be
  /// the same work for all inputs of the same shapes (Note [Captured steps]).
  void run(const Inputs& inputs, const Work& step);
  /// True if steps are to be captured on this device.
  bool wants_capture() const { return wants_capture_; }
  /// Why steps are not captured; empty while nothing speaks against it.
  const std::string& capture_obstacle() const { return capture_obstacle_; }
  int64_t graph_launches() const { return graph_launches_; }

 private:
  struct Kept {
    Inputs inputs;
    std::unique_ptr<CapturedGraph> work = {};  // null: run once as usual
  };
  Kept* with_inputs_like(const Inputs& inputs);
  std::unique_ptr<CapturedGraph> capture(const Work& step, const Inputs& inputs);

  Backend& device_;
  std::string capture_obstacle_;
  bool wants_capture_;
  int64_t graph_launches_ = 0;
  Arena::Reserve memory_;
  std::vector<Kept> kept_;  // by the shapes of their inputs, of which there are few
};

}  // namespace mneme
