// Tests of whole runs on the CUDA device: every method, with and without captured steps, stopped and resumed, and with
// a failure at each call.

#include <doctest/doctest.h>

#include <cstdlib>
#include <vector>

#include "engine/capture.h"
#include "engine/cpu/devices.h"
#include "engine/precision.h"
#include "tests/cuda_stand_in/control.h"
#include "tests/incremental/run_files.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

ExperimentOptions on_device(const std::string& method, Device device) {
  ExperimentOptions o = tiny_options_for(method);
  o.device = device;
  return o;
}

Finished run_with(CaptureSteps when, uint64_t seed, const ExperimentOptions& options) {
  const Switched choice(set_capture_steps, when, capture_steps());
  stand_in::set_seed(seed);
  return finish(options, tiny_data(4, 4, 1));
}

TEST_CASE(
    "on the CUDA device every method trains to the same bits, with graph launches or without, in two orders of "
    "threads") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = on_device(method.name, Device::cuda);
    o.train.epochs = 3;
    o.train.schedule = ScheduleKind::cosine;  // a graph that held the rate of its capture would differ
    const Finished plain = run_with(CaptureSteps::never, 1, o), graphed = run_with(CaptureSteps::automatic, 2, o);
    CHECK(graphed.step_losses == plain.step_losses);
    CHECK(graphed.states == plain.states);
    CHECK(plain.graph_launches == 0);
    CHECK((graphed.graph_launches == 0) == !graphed.capture_obstacle.empty());
  }
}

TEST_CASE("the CUDA device trains as the reference does that goes its ways") {
  const Switched gpu_ways(let_reference_imitate_gpu, true, false);
  for (const std::string method : {"finetuning", "lwf", "lucir", "podnet"}) {
    CAPTURE(method);
    const Finished reference = run_with(CaptureSteps::never, 1, on_device(method, Device::reference));
    const Finished cuda = run_with(CaptureSteps::automatic, 1, on_device(method, Device::cuda));
    REQUIRE(cuda.step_losses.size() == reference.step_losses.size());
    for (size_t i = 0; i < cuda.step_losses.size(); ++i)
      CHECK(cuda.step_losses[i] == doctest::Approx(reference.step_losses[i]).epsilon(1e-3));
  }
}

TEST_CASE("on the CUDA device a run that was stopped and resumed ends in the same files") {
  ExperimentOptions o = on_device("il-baseline", Device::cuda);
  o.save_models = true;
  o.train.epochs = 2;
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  REQUIRE(run_until(o, data, scratch / "whole", -1));
  for (const int stop : {1, 3, 5}) {
    const auto path = scratch / ("stopped" + std::to_string(stop));
    CHECK_FALSE(run_until(o, data, path, stop));
    REQUIRE(run_until(o, data, path, -1));
    CHECK(different_files(scratch / "whole", path) == std::vector<std::string>{});
  }
}

int64_t total_calls() {
  int64_t total = 0;
  for (const auto& [function, count] : stand_in::calls()) total += count;
  return total;
}

/// The calls that are made to fail: all of them if the environment variable CUDA_STAND_IN_EVERY_CALL is set, otherwise
/// a sample of every function's calls.
std::vector<std::pair<std::string, int64_t>> calls_to_fail(const std::map<std::string, int64_t>& before,
                                                           const std::map<std::string, int64_t>& after) {
  std::vector<std::pair<std::string, int64_t>> chosen;
  int64_t total = 0;
  for (const auto& [function, count] : after) {
    const auto earlier = before.find(function);
    const int64_t made = count - (earlier == before.end() ? 0 : earlier->second);
    total += made;
    if (made == 0) continue;
    chosen.emplace_back(function, 1);
    if (made > 2) chosen.emplace_back(function, made / 2);
    if (made > 1) chosen.emplace_back(function, made);
  }
  const bool all = std::getenv("CUDA_STAND_IN_EVERY_CALL") != nullptr;
  if (all) chosen.clear();
  for (int64_t n = 1; n <= total; n += all ? 1 : total / 20) chosen.emplace_back("", n);
  return chosen;
}

TEST_CASE(
    "whichever call fails, once or for good, a run of two tasks ends in one clear line or with the right weights") {
  const ExperimentOptions o = on_device("lwf", Device::cuda);
  const ResidentDataset data = tiny_data(4, 4, 1);
  const Switched choice(set_capture_steps, CaptureSteps::always, capture_steps());
  // Every run begins with an empty arena, so that all runs ask CUDA for the same memory.
  Arena& arena = backend(Device::cuda).arena();
  (void)finish(o, data);
  arena.trim();
  const auto before = stand_in::calls();
  const Finished expected = finish(o, data);
  const auto chosen = calls_to_fail(before, stand_in::calls());
  arena.trim();
  int right = 0, errors = 0, wrong = 0;
  for (const auto& [function, n] : chosen)
    for (const bool sticky : {false, true}) {
      stand_in::fail_call(n, function, sticky);
      std::string message;
      try {
        const Finished got = finish(o, data);
        got.states == expected.states ? ++right : ++wrong;
        if (got.states != expected.states) MESSAGE("wrong weights after call ", n, " of ", function, " failed");
      } catch (const Error& error) {
        message = error.what();
        ++errors;
        const bool clear = message.find("cudaError") != std::string::npos ||
                           message.find("_STATUS_") != std::string::npos ||
                           message.find("out of memory") != std::string::npos;
        CHECK_MESSAGE((clear && message.find('\n') == std::string::npos), message);
      }
      const std::string failed = stand_in::failed_function();
      stand_in::fail_call(0);
      arena.trim();
      CHECK_MESSAGE(!failed.empty(), n, " of ", function);
    }
  MESSAGE((chosen.size() * 2), " runs with a failed call: ", errors, " ended with an error, ", right,
          " with the right weights");
  CHECK(wrong == 0);
  CHECK(finish(o, data).states == expected.states);
  CHECK(total_calls() > 0);
}

}  // namespace
}  // namespace mneme::test
