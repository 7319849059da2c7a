#pragma once
// How far a run has come, by what its training reports: the numbers behind the time that is left.

#include <optional>

#include "incremental/experiment/experiment.h"

namespace mneme {

class Progress {
 public:
  Progress(const TrainOptions& options, const Scenario& scenario) : options_(options), scenario_(scenario) {}

  /// A task begins, with so many images to train on.
  void start_task(int task, int64_t images);
  void saw(const StepReport& step);

  /// Images trained on so far, by this process: a resumed run does not count those from before.
  int64_t images_seen() const { return seen_; }
  /// Images still to be trained on, about: the rest of this stage and of this task's main one, and the main ones of the
  /// tasks to come, with as many exemplars and epochs as much longer than their images as in this task. Of the stages
  /// that methods add to these only the one in progress counts. With the patience schedule, at most so many.
  double images_left() const;

 private:
  int64_t in_main_stage(int task) const;

  const TrainOptions& options_;
  const Scenario& scenario_;
  int task_ = 0;
  int64_t images_ = 0, seen_ = 0;
  bool main_begun_ = false;  // in this task
  double per_image_ = 1;     // what an epoch of the main stage shows of each of the task's images; samplers repeat some
  std::optional<StepReport> last_;
};

}  // namespace mneme
