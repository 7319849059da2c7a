#pragma once
// Shows a run on the terminal while it goes on: one line per task, and the progress within the task.

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

/// The name of the device, and for the CPU the number of threads.
std::string machine_text(Device device);

/// A duration as people read it: 3725 s is "1 h 02 min", 65 s is "1 min 05 s".
std::string duration_text(double seconds);

}  // namespace mneme
