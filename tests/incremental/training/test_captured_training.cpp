// Compares complete runs with graph launches of captured steps (Note [Captured steps]) with the same runs step by step.

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

TEST_CASE("every method trains to the same bits with and without graph launches") {
  std::string call_by_call;
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = tiny_options_for(method.name);
    o.device = Device::reference;
    o.train.epochs = 3;
    o.train.schedule = ScheduleKind::cosine;  // a graph that held the rate of its capture would differ
    const Finished plain = run_with(CaptureSteps::never, o), graphed = run_with(CaptureSteps::always, o);
    CHECK(graphed.step_losses == plain.step_losses);
    CHECK(graphed.states == plain.states);
    CHECK(plain.graph_launches == 0);
    CHECK(plain.capture_obstacle == "");
    CHECK((graphed.graph_launches == 0) == !graphed.capture_obstacle.empty());
    if (graphed.graph_launches == 0) call_by_call += method.name + ": " + graphed.capture_obstacle + "\n";
  }
  CHECK(call_by_call ==
        "rwalk: every tenth looks at the importance of weights\n"
        "il-baseline-meta: some compute a meta-gradient to learn a number of the loss\n"
        "tpcil: other exemplars are shown beside every batch\n");
}

TEST_CASE("a device that goes a GPU's ways trains alike, and by graph launches to the same bits") {
  for (const std::string method : {"lwf", "lucir", "podnet"}) {
    CAPTURE(method);
    ExperimentOptions o = tiny_options_for(method);
    o.device = Device::reference;
    o.train.epochs = 3;
    const Finished step_by_step = run_with(CaptureSteps::never, o);
    const Switched gpu_ways(let_reference_imitate_gpu, true, false);
    const Finished deferred = run_with(CaptureSteps::never, o), graphed = run_with(CaptureSteps::always, o);
    CHECK(graphed.graph_launches > 0);
    CHECK(graphed.step_losses == deferred.step_losses);
    CHECK(graphed.states == deferred.states);
    CHECK(deferred.states[0] != step_by_step.states[0]);  // the rounding differs, so the runs were computed differently
    for (size_t i = 0; i < deferred.step_losses.size(); ++i)
      CHECK(deferred.step_losses[i] == doctest::Approx(step_by_step.step_losses[i]).epsilon(1e-3));
  }
}

TEST_CASE("with feature maps in bf16 graph launches train to the same bits, and alike") {
  ExperimentOptions o = tiny_options_for("lwf");
  o.device = Device::reference;
  o.train.epochs = 3;
  const Finished in_f32 = run_with(CaptureSteps::never, o);
  const Switched maps(set_precision, Precision::bf16, precision());
  const Finished plain = run_with(CaptureSteps::never, o), graphed = run_with(CaptureSteps::always, o);
  CHECK(graphed.graph_launches > 0);
  CHECK(graphed.step_losses == plain.step_losses);
  CHECK(graphed.states == plain.states);
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
    const Finished plain = run_with(CaptureSteps::never, o), graphed = run_with(CaptureSteps::automatic, o);
    CHECK((graphed.graph_launches > 0) == (method != "tpcil"));
    CHECK(graphed.step_losses == plain.step_losses);
    CHECK(graphed.states == plain.states);
  }
}

}  // namespace
}  // namespace mneme::test
