// Whole runs whose steps are captured and replayed (Note [Captured steps]) against the same runs step by step.

#include <doctest/doctest.h>

#include "engine/capture.h"
#include "engine/cpu/devices.h"
#include "engine/precision.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/gpu.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

Finished run_with(CaptureSteps when, const ExperimentOptions& options) {
  const Switched choice(set_capture_steps, when, capture_steps());
  return finish(options, tiny_data(4, 4, 1));
}

TEST_CASE("every method trains to the same bits whether its steps are replayed or not") {
  std::string call_by_call;
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = tiny_options_for(method.name);
    o.device = Device::reference;
    o.train.epochs = 3;
    const Finished plain = run_with(CaptureSteps::never, o), replayed = run_with(CaptureSteps::always, o);
    CHECK(replayed.step_losses == plain.step_losses);
    CHECK(replayed.states == plain.states);
    CHECK(plain.replayed == 0);
    CHECK(plain.not_replayed == "");
    CHECK((replayed.replayed == 0) == !replayed.not_replayed.empty());
    if (replayed.replayed == 0) call_by_call += method.name + ": " + replayed.not_replayed + "\n";
  }
  CHECK(call_by_call ==
        "rwalk: every tenth looks at the importance of weights\n"
        "il-baseline-meta: some look ahead to learn a number of the loss\n"
        "tpcil: other exemplars are shown beside every batch\n");
}

TEST_CASE("a device that goes a GPU's ways trains alike, and its replays to the same bits") {
  for (const std::string method : {"lwf", "lucir", "podnet"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options_for(method);
    o.device = Device::reference;
    o.train.epochs = 3;
    const Finished step_by_step = run_with(CaptureSteps::never, o);
    const Switched gpu_ways(let_reference_imitate_gpu, true, false);
    const Finished deferred = run_with(CaptureSteps::never, o), replayed = run_with(CaptureSteps::always, o);
    CHECK(replayed.replayed > 0);
    CHECK(replayed.step_losses == deferred.step_losses);
    CHECK(replayed.states == deferred.states);
    CHECK(deferred.states[0] != step_by_step.states[0]);  // another rounding: it did go another way
    for (size_t i = 0; i < deferred.step_losses.size(); ++i)
      CHECK(deferred.step_losses[i] == doctest::Approx(step_by_step.step_losses[i]).epsilon(1e-3));
  }
}

TEST_CASE("with feature maps in bf16 replays train to the same bits, and alike") {
  ExperimentOptions o = tiny_options_for("lwf");
  o.device = Device::reference;
  o.train.epochs = 3;
  const Finished in_f32 = run_with(CaptureSteps::never, o);
  const Switched maps(set_precision, Precision::bf16, precision());
  const Finished plain = run_with(CaptureSteps::never, o), replayed = run_with(CaptureSteps::always, o);
  CHECK(replayed.replayed > 0);
  CHECK(replayed.step_losses == plain.step_losses);
  CHECK(replayed.states == plain.states);
  CHECK(plain.states[0] != in_f32.states[0]);
  for (size_t i = 0; i < plain.step_losses.size(); ++i)
    CHECK(plain.step_losses[i] == doctest::Approx(in_f32.step_losses[i]).epsilon(0.05));
}

TEST_CASE("on a GPU, CUDA graphs train to the bits that kernel by kernel does") {
  if (!gpu_here()) return;
  const Switched repeatable(set_deterministic, true, deterministic());
  for (const std::string method : {"lwf", "lucir", "podnet", "si", "tpcil"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options_for(method);
    o.device = Device::cuda;
    o.train.epochs = 3;
    const Finished plain = run_with(CaptureSteps::never, o), replayed = run_with(CaptureSteps::automatic, o);
    CHECK((replayed.replayed > 0) == (method != "tpcil"));
    CHECK(replayed.step_losses == plain.step_losses);
    CHECK(replayed.states == plain.states);
  }
}

}  // namespace
}  // namespace mneme::test
