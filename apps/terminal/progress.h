#pragma once
// Estimates how far a run has come from the trainer's reports. The time that is left follows from these numbers.

#include <optional>

#include "incremental/experiment/experiment.h"

namespace mneme {

class Progress {
 public:
  Progress(const TrainOptions& options, const Scenario& scenario) : options_(options), scenario_(scenario) {}

  /// Called when a task begins; `images` is the number of its training images.
  void start_task(int task, int64_t images);
  void saw(const StepReport& step);

  /// The number of images that this process has trained on. A resumed run does not count the images of earlier
  /// processes.
  int64_t images_seen() const { return seen_; }
  /// About how many images are still to be trained on: the rest of this stage, of this task's main stage, and the main
  /// stages of the tasks to come. For these it assumes as many exemplars as in this task, and epochs that are as much
  /// longer than their images as in this task. Other stages count only while they are in progress. With the patience
  /// schedule the number is an upper bound.
  double images_left() const;

 private:
  int64_t in_main_stage(int task) const;

  const TrainOptions& options_;
  const Scenario& scenario_;
  int task_ = 0;
  int64_t images_ = 0, seen_ = 0;
  bool main_begun_ = false;  // the main stage of this task has begun
  // Presentations of each image of the task in one epoch of the main stage; some samplers repeat images.
  double per_image_ = 1;
  std::optional<StepReport> last_;
};

}  // namespace mneme
