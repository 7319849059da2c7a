#pragma once
// What a run will cost, and which traps it may walk into, before anything long begins.

#include <string>
#include <vector>

#include "incremental/experiment/experiment.h"

namespace mneme {

struct TaskPlan {
  int classes = 0;         ///< new in this task
  int64_t images = 0;      ///< trained on in each epoch, exemplars included
  int64_t exemplars = 0;   ///< of them
  int64_t validation = 0;  ///< looked at after each epoch
  int64_t tests = 0;       ///< answered after the task
  int epochs = 0;          ///< at most, where a schedule may end earlier
  int steps = 0;           ///< of each epoch
  int64_t visits = 0;      ///< images trained on in all epochs of all rounds, at most
};

struct Plan {
  std::vector<TaskPlan> tasks;
  std::string network;
  int64_t parameters_first = 0, parameters_last = 0;
  double seconds_per_image_first = 0, seconds_per_image_later = 0;  ///< of training, measured
  double seconds = 0;                                               ///< of the whole run, from these
  size_t tensor_bytes = 0;  ///< most at once on the device in the first two tasks, measured; image sets included
  size_t disk_bytes = 0;    ///< models, checkpoints and reports
  std::vector<std::string> warnings;
};

/// The tasks of a run, without measuring.
std::vector<TaskPlan> plan_tasks(const ExperimentOptions& options, const Scenario& scenario);
/// What in a run's options is known to mislead, a sentence each.
std::vector<std::string> plan_warnings(const ExperimentOptions& options, const Scenario& scenario);
/// The whole plan, from a few measured steps of the first two tasks. `out` is where the run would write.
Plan make_plan(const ExperimentOptions& options, const Dataset& data, const std::filesystem::path& out);

/// For people.
std::string as_text(const Plan& plan);

}  // namespace mneme
