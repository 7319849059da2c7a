#include "engine/capture.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "engine/suggest.h"

namespace mneme {
namespace {

constexpr std::pair<const char*, CaptureSteps> names[] = {
    {"auto", CaptureSteps::automatic}, {"never", CaptureSteps::never}, {"always", CaptureSteps::always}};
std::atomic<CaptureSteps> chosen{CaptureSteps::automatic};

std::string obstacle_on(const Backend& device) {
  if (!device.captures()) return "this device does not capture";
  const bool wanted = chosen == CaptureSteps::always || (chosen == CaptureSteps::automatic && device.runs_behind());
  return wanted ? "" : "it is not asked for";
}

/// Between the beginning of a capture and its end, whichever way it ends.
class Capturing {
 public:
  explicit Capturing(Backend& device) : device_(device) { device_.begin_capture(); }
  ~Capturing() {
    if (!ended_) device_.abandon_capture();
  }
  Capturing(const Capturing&) = delete;
  Capturing& operator=(const Capturing&) = delete;
  std::unique_ptr<CapturedWork> end() {
    std::unique_ptr<CapturedWork> work = device_.end_capture();
    ended_ = true;  // not before: where that throws, the device still has to forget the capture
    return work;
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

void refuse_in_capture(bool capturing, const char* asked) {
  MNEME_CHECK(!capturing, "it {}, which cannot be replayed", asked);
}

RepeatedStep::RepeatedStep(Device device, std::string differs)
    : device_(backend(device)),
      obstacle_(obstacle_on(device_)),
      asked_for_(obstacle_.empty()),
      memory_(device_.arena()) {
  if (asked_for_) obstacle_ = std::move(differs);
}

RepeatedStep::Kept* RepeatedStep::with_inputs_like(const Inputs& inputs) {
  const auto same_shape = [](const Tensor& a, const Tensor& b) { return a.shape() == b.shape(); };
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return std::ranges::equal(kept.inputs, inputs, same_shape);
  });
  return found == kept_.end() ? nullptr : &*found;
}

void RepeatedStep::run(const Inputs& inputs, const Work& step) {
  if (!obstacle_.empty()) return step(inputs);
  Kept* const kept = with_inputs_like(inputs);
  if (!kept) {
    kept_.push_back({inputs});
    return step(inputs);
  }
  for (size_t i = 0; i < inputs.size(); ++i) kept->inputs[i].copy_from(inputs[i]);
  if (!kept->work) kept->work = capture(step, kept->inputs);
  if (!kept->work) return step(kept->inputs);
  kept->work->replay();
  ++replays_;
}

/// Null, with the reason kept, if the step cannot be captured.
std::unique_ptr<CapturedWork> RepeatedStep::capture(const Work& step, const Inputs& inputs) {
  const Arena::Reserve::Open from_its_own(memory_);
  try {
    Capturing capturing(device_);
    step(inputs);
    return capturing.end();
  } catch (const Error& error) {
    obstacle_ = error.what();
    return nullptr;
  }
}

}  // namespace mneme
