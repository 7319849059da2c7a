#pragma once
// The plan of a run: its cost, and warnings about its options, before a long training starts.

#include <string>
#include <vector>

#include "incremental/experiment/experiment.h"

namespace mneme {

/// The size of one task.
struct TaskPlan {
  int classes = 0;          ///< new classes
  int64_t images = 0;       ///< training images per epoch, including exemplars
  int64_t exemplars = 0;    ///< exemplars among them
  int64_t validation = 0;   ///< images validated after each epoch
  int64_t tests = 0;        ///< images tested after the task
  int epochs = 0;           ///< maximum number of epochs; the schedule may stop earlier
  int steps = 0;            ///< steps per epoch
  int64_t visits = 0;       ///< images trained on in all epochs of all stages, at most
  std::string empty_stage;  ///< the first stage that has no images; empty: none
  int unseen_ahead = 0;     ///< classes of which a number that is learned by a meta-gradient sees no held-out image
  std::string lone_stage;   ///< the first stage with a step on one image alone that needs batch statistics; empty: none
  int lone_step = 0;        ///< that step of an epoch, from 1
  bool lone_can_be_dropped = false;  ///< whether --drop-last removes that step
};

/// The plan of a run.
struct Plan {
  std::vector<TaskPlan> tasks;         ///< size of each task
  std::string network;                 ///< name of the network
  int64_t parameters_first = 0,        ///< parameters in the first task
      parameters_last = 0;             ///< parameters in the last task
  double seconds_per_image_first = 0,  ///< measured training time
      seconds_per_image_later = 0;     ///< measured training time from the second task on
  double seconds = 0;                  ///< estimated time of the whole run
  size_t tensor_bytes = 0;  ///< maximum device memory of tensors in the first two tasks, measured, including image sets
  size_t disk_bytes = 0;    ///< models, checkpoints and reports
  std::vector<std::string> warnings;  ///< see plan_warnings()
};

/// The sizes of all tasks, as the run will compose them; nothing is measured.
std::vector<TaskPlan> plan_tasks(const ExperimentOptions& options, const Scenario& scenario);
/// Throws UsageError, naming the task and the remedy, if a stage of the run would have no images, if a number of the
/// loss would be learned by a meta-gradient without held-out images, or if the network's last maps have one pixel for
/// these `images` and a step would train on one image alone: batch norm has no variance of one value.
void check_tasks(const ExperimentOptions& options, const Scenario& scenario, const ImageSetInfo& images);
/// Warnings about options that are known to give misleading results, one sentence each.
std::vector<std::string> plan_warnings(const ExperimentOptions& options, const Scenario& scenario);
/// The whole plan. It measures a few training steps of the first two tasks. `out` is the folder that the run would
/// write to. Throws UsageError for what the run itself would refuse, and what dry_run() throws.
Plan make_plan(const ExperimentOptions& options, const Dataset& data, const std::filesystem::path& out);

/// The plan as text.
std::string as_text(const Plan& plan);

}  // namespace mneme
