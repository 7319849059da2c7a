#include "engine/capture.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "engine/base/suggest.h"

namespace mneme {
namespace {

constexpr std::pair<const char*, CaptureSteps> names[] = {
    {"auto", CaptureSteps::automatic}, {"never", CaptureSteps::never}, {"always", CaptureSteps::always}};
std::atomic<CaptureSteps> chosen{CaptureSteps::automatic};

std::string obstacle_on(const Backend& device) {
  if (!device.captures()) return "this device does not capture";
  const bool asked_for =
      chosen == CaptureSteps::always || (chosen == CaptureSteps::automatic && device.runs_behind());
  return asked_for ? "" : "it is not asked for";
}

/// Spans a capture from its beginning to its end, and abandons it if an exception ends it.
class Capturing {
 public:
  explicit Capturing(Backend& device) : device_(device) { device_.begin_capture(); }
  ~Capturing() {
    if (!ended_) device_.abandon_capture();
  }
  Capturing(const Capturing&) = delete;
  Capturing& operator=(const Capturing&) = delete;
  std::unique_ptr<CapturedGraph> end() {
    std::unique_ptr<CapturedGraph> graph = device_.end_capture();
    ended_ = true;  // not before: where that throws, the device still has to forget the capture
    return graph;
  }

 private:
  Backend& device_;
  bool ended_ = false;
};

}  // namespace

void set_capture_steps(CaptureSteps when) { chosen = when; }
CaptureSteps capture_steps() { return chosen; }
CaptureSteps capture_steps_named(const std::string& name) {
  return choose_by_name("way to capture steps", name, names);
}

void refuse_in_capture(bool capturing, const char* requested) {
  MNEME_CHECK(!capturing, "it {}, which a graph cannot repeat", requested);
}

GraphedStep::GraphedStep(Device device, std::string difference)
    : device_(backend(device)),
      capture_obstacle_(obstacle_on(device_)),
      wants_capture_(capture_obstacle_.empty()),
      memory_(device_.arena()) {
  if (wants_capture_) capture_obstacle_ = std::move(difference);
}

GraphedStep::Kept* GraphedStep::with_inputs_like(const Inputs& inputs) {
  const auto same_shape = [](const Tensor& a, const Tensor& b) { return a.shape() == b.shape(); };
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return std::ranges::equal(kept.inputs, inputs, same_shape);
  });
  return found == kept_.end() ? nullptr : &*found;
}

void GraphedStep::run(const Inputs& inputs, const Work& step) {
  if (!capture_obstacle_.empty()) return step(inputs);
  Kept* const kept = with_inputs_like(inputs);
  if (!kept) {
    kept_.push_back({inputs});
    return step(inputs);
  }
  for (size_t i = 0; i < inputs.size(); ++i) kept->inputs[i].copy_from(inputs[i]);
  if (!kept->work) kept->work = capture(step, kept->inputs);
  if (!kept->work) return step(kept->inputs);
  kept->work->launch();
  ++graph_launches_;
}

/// Null if the step cannot be captured; capture_obstacle_ then says why.
std::unique_ptr<CapturedGraph> GraphedStep::capture(const Work& step, const Inputs& inputs) {
  const Arena::Reserve::Open from_its_own(memory_);
  try {
    Capturing capturing(device_);
    step(inputs);
    return capturing.end();
  } catch (const Error& error) {
    capture_obstacle_ = error.what();
    return nullptr;
  }
}

}  // namespace mneme
