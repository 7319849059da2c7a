// Runs check for a request to stop in many places (Note [Stopping]). Wherever a run is stopped, resuming it gives the
// same files.

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <map>

#include "engine/base/stop.h"
#include "tests/incremental/run_files.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Runs in `path`, resuming what is there. `asked` decides at every check whether to stop. Returns the message of the
/// run when it stopped; empty if it reached its end.
std::string run_asking(const ExperimentOptions& options, const Dataset& data, const fs::path& path,
                       const std::function<bool()>& asked, ExperimentCallbacks callbacks = {}) {
  RunFolder folder(path, Existing::resume);
  Experiment experiment(options, data);
  experiment.resume(folder, [](const std::string&) {});
  callbacks.stop_requested = asked;
  const StopRequests requests(asked);
  try {
    experiment.run(folder, callbacks);
  } catch (const Interrupted& stop) {
    return stop.what();
  }
  return {};
}

ExperimentOptions small(const std::string& method) {
  ExperimentOptions o = tiny_options_for(method);
  o.train.epochs = 2;
  o.save_models = true;
  return o;
}

TEST_CASE("stopped at any question, inside of steps and after training, runs go on to the same files") {
  const ResidentDataset data = tiny_data();
  for (const char* method : {"il-baseline", "bic", "ewc", "podnet", "mnemonics", "eeil", "icarl", "dmc", "rwalk"}) {
    CAPTURE(method);
    const ExperimentOptions o = small(method);
    const ScratchFolder scratch(memory_or_disk());
    int64_t questions = 0;
    run_asking(o, data, scratch / "whole", [&] { return ++questions < 0; });
    CHECK(questions > 100);
    int stops = 0;
    for (int i = 0; i < 4; ++i) {
      const fs::path path = scratch / ("stopped" + std::to_string(i));
      const int64_t at = questions * (2 * i + 1) / 8;
      int64_t asked = 0;
      // A slow step checks more often than a fast one. So on a busy machine the next run may end before so many checks.
      stops += !run_asking(o, data, path, [&] { return ++asked >= at; }).empty();
      CHECK(run_asking(o, data, path, [] { return false; }).empty());
      CHECK(different_files(scratch / "whole", path) == std::vector<std::string>{});
    }
    CHECK(stops > 0);
  }
}

TEST_CASE("a run that is stopped says where, and what is saved") {
  const ResidentDataset data = tiny_data();
  const ExperimentOptions o = small("il-baseline");
  std::map<std::string, int> said;
  for (int64_t at = 1; at < 2000; at += 1 + at / 3) {
    const ScratchFolder scratch(memory_or_disk());
    int64_t asked = 0;
    const std::string text = run_asking(o, data, scratch / "run", [&] { return ++asked >= at; });
    ++said[text.substr(0, text.find_first_of(",0123456789"))];
  }
  CHECK(said.contains("stopped in task "));
  CHECK(said.contains("stopped after the training of task "));
}

/// Not a test: measures the longest time between two checks for a request to stop, for every stage of
/// every method on images of CIFAR's size. MNEME_STOP_GAPS says with which network.
TEST_CASE("the longest time between two questions whether to stop" * doctest::skip(!std::getenv("MNEME_STOP_GAPS"))) {
  const ResidentDataset data = tiny_data(4, 200, 50);
  for (const MethodInfo& method : all_methods()) {
    ExperimentOptions o = tiny_options_for(method.name);
    o.network.name = std::getenv("MNEME_STOP_GAPS");
    o.train.batch_size = 128;
    if (o.memory.kind != MemoryBudget::Kind::none) o.memory.images = 20;
    const ScratchFolder scratch(memory_or_disk());
    std::map<std::string, double> longest;
    std::string stage = "train";
    Clock::time_point last = Clock::now();
    ExperimentCallbacks callbacks;
    callbacks.training.on_step = [&](const StepReport& report) { stage = report.stage; };
    callbacks.training.on_epoch = [&](const EpochReport& report) { stage = "after " + report.stage; };
    run_asking(
        o, data, scratch / "run",
        [&] {
          const Clock::time_point now = Clock::now();
          double& most = longest[stage];
          most = std::max(most, std::chrono::duration<double>(now - last).count());
          last = now;
          return false;
        },
        callbacks);
    for (const auto& [name, seconds] : longest) MESSAGE(method.name, ", ", name, ": ", seconds, " s");
  }
}

}  // namespace
}  // namespace mneme::test
