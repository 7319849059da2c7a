#pragma once
// Note [Captured steps]
// Within a task every training step does the same work on the same memory; only a few numbers differ. A device that
// supports capture can therefore record such a step once, as a graph, and launch the graph afterwards. This saves the
// host all calls: a step of ResNet-32 consists of some hundreds of kernels that take a few microseconds each.
//
// GraphedStep runs a step the first time as usual, so that plans are chosen and memory is allocated. The second time
// the step is captured: the device computes nothing and records its work. From then on the step is a graph launch.
//
// A graph launch repeats the recorded calls with their recorded arguments. Three rules follow:
// - Whatever differs between steps must lie in tensors that the step reads and that are written before it, never in
//   arguments. Tensors that are new in every step, such as the batch, are the inputs of the step: GraphedStep copies
//   them into tensors that stay in place.
// - The memory that a captured step allocates stays reserved for it (Arena::Reserve), because every launch writes
//   there.
// - A captured step must neither read a number on the host nor copy one to the device. A step that does so is detected
//   during capture, and runs as usual from then on.
//
// The function of the step must do nothing on the host except issue work: it is not called when the graph is launched.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/device.h"
#include "engine/memory.h"
#include "engine/tensor.h"

namespace mneme {

/// Work that a device has recorded and can repeat. It must be destroyed before the memory that it uses.
class CapturedGraph {
 public:
  virtual ~CapturedGraph() = default;
  /// Issues all recorded work again.
  virtual void launch() = 0;
};

/// The devices on which steps are captured.
enum class CaptureSteps : uint8_t {
  automatic,  ///< those that gain by it: GPUs
  never,      ///< none
  always  ///< all that can, including the reference device, which shows what capturing means and is no faster for it
};
/// Sets the choice for the whole process. It counts for every GraphedStep made afterwards.
void set_capture_steps(CaptureSteps when);
/// The current choice.
CaptureSteps capture_steps();
/// The choice of this name: "auto", "never" or "always". Throws UsageError for other names.
CaptureSteps capture_steps_named(const std::string& name);

/// Throws Error if `capturing`. `requested` completes the sentence that begins with "it", e.g. "waits for the device".
void refuse_in_capture(bool capturing, const char* requested);

/// A step that is run many times, and as a graph where the device supports that (Note [Captured steps]).
class GraphedStep {
 public:
  /// Tensors that are new in every run.
  using Inputs = std::vector<Tensor>;
  /// The function of the step. It gets the inputs.
  using Work = std::function<void(std::span<const Tensor>)>;

  /// `difference` says why these steps cannot share one graph; it is empty if they can. Throws Error if the device is
  /// missing.
  explicit GraphedStep(Device device, std::string difference = "");
  GraphedStep(const GraphedStep&) = delete;
  GraphedStep& operator=(const GraphedStep&) = delete;

  /// Runs `step` on `inputs`, or on tensors kept from an earlier run into which the inputs were copied, or launches the
  /// graph of the step. Inputs of the same shapes must mean the same work. Errors of the step itself are passed on.
  void run(const Inputs& inputs, const Work& step);
  /// True if steps are to be captured on this device.
  bool wants_capture() const { return wants_capture_; }
  /// Why steps are not captured; empty as long as they can be.
  const std::string& capture_obstacle() const { return capture_obstacle_; }
  /// How many runs were graph launches.
  int64_t graph_launches() const { return graph_launches_; }

 private:
  struct Kept {
    Inputs inputs;
    std::unique_ptr<CapturedGraph> work = {};  // null if the step has only been run as usual
  };
  Kept* with_inputs_like(const Inputs& inputs);
  std::unique_ptr<CapturedGraph> capture(const Work& step, const Inputs& inputs);

  Backend& device_;
  std::string capture_obstacle_;
  bool wants_capture_;
  int64_t graph_launches_ = 0;
  Arena::Reserve memory_;
  std::vector<Kept> kept_;  // one entry for each combination of input shapes; there are few
};

}  // namespace mneme
