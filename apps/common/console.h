#pragma once
// What a run shows while it goes on: a line per task, and how far it is, on a terminal in one live line, otherwise in a
// line now and then.

#include <chrono>
#include <cstdio>
#include <string>

#include "apps/common/progress.h"

namespace mneme {

class Console {
 public:
  using Clock = std::chrono::steady_clock;

  /// Writes to `out`; where that is no terminal, how far the run is at most this often.
  Console(const ExperimentOptions& options, const Scenario& scenario, std::FILE* out = stdout,
          Clock::duration line_every = std::chrono::minutes(1));
  ExperimentWatcher watcher();

 private:
  void start_task(int task, const TaskContext& context, const Pool& pool);
  void step(const StepReport& report);
  void epoch(const EpochReport& report);
  void end_task(int task, const Tally& tally, const RunResult& so_far);
  void line(const std::string& text);

  const ExperimentOptions& options_;
  const Scenario& scenario_;
  std::FILE* out_;
  bool terminal_;
  Clock::duration between_;
  Clock::time_point started_ = Clock::now(), last_shown_ = started_;
  Progress progress_;
  std::string last_epoch_, slow_because_;
};

/// The device, and on the CPU the number of threads.
std::string machine_text(Device device);

/// 3725 s -> "1 h 02 min", 65 s -> "1 min 05 s".
std::string duration_text(double seconds);

}  // namespace mneme
