#pragma once
// What a run shows while it goes on: on a terminal one live line, otherwise one line per task.

#include <chrono>
#include <string>

#include "incremental/experiment.h"

namespace mneme {

class Console {
 public:
  /// `quiet` shows nothing at all.
  Console(const ExperimentOptions& options, const Scenario& scenario, bool quiet);
  ExperimentWatcher watcher();

 private:
  using Clock = std::chrono::steady_clock;

  void start_task(int task, const TaskContext& context, const Pool& pool);
  void step(const StepReport& report);
  void epoch(const EpochReport& report);
  void end_task(int task, const Tally& tally, const RunResult& so_far);
  int epochs_of(int task) const;
  double images_left(int64_t done_in_task) const;
  void live(const std::string& line);
  void line(const std::string& text);

  const ExperimentOptions& options_;
  const Scenario& scenario_;
  bool quiet_, terminal_;
  Clock::time_point started_ = Clock::now(), last_shown_{};
  int task_ = 0;
  int64_t pool_size_ = 0, done_in_task_ = 0;
  int64_t images_done_ = 0;  // in finished tasks
  std::string last_epoch_;
};

/// The device, and on the CPU the number of threads.
std::string machine_text(Device device);

/// 3725 s -> "1 h 02 min", 65 s -> "1 min 05 s".
std::string duration_text(double seconds);

}  // namespace mneme
