#pragma once
// What a run shows while it goes on: a line per task, and how far it is.

#include <string>

#include "apps/terminal/progress.h"
#include "apps/terminal/progress_bar.h"

namespace mneme {

class Console {
 public:
  Console(const ExperimentOptions& options, const Scenario& scenario, ProgressBar line = ProgressBar(stdout));
  ExperimentCallbacks callbacks();

 private:
  void start_task(int task, const TaskContext& context, const Subset& subset);
  void step(const StepReport& report);
  void epoch(const EpochReport& report);
  void end_task(int task, const EvaluationResult& evaluation, const RunResult& so_far);

  const ExperimentOptions& options_;
  const Scenario& scenario_;
  ProgressBar line_;
  ProgressBar::Clock::time_point started_ = ProgressBar::Clock::now();
  Progress progress_;
  std::string last_epoch_, slow_because_;
};

/// The device, and on the CPU the number of threads.
std::string machine_text(Device device);

/// 3725 s -> "1 h 02 min", 65 s -> "1 min 05 s".
std::string duration_text(double seconds);

}  // namespace mneme
