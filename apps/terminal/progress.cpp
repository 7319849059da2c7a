#include "apps/terminal/progress.h"

namespace mneme {

void Progress::start_task(int task, int64_t images) {
  task_ = task;
  images_ = images;
  main_begun_ = false;
  last_.reset();
}

void Progress::saw(const StepReport& step) {
  const bool same_epoch = last_ && last_->stage == step.stage && last_->epoch == step.epoch;
  // If another process began the epoch, its first report counts steps that this process has not run.
  seen_ += same_epoch ? step.images_done - last_->images_done : step.images_done / step.step;
  if (step.stage == Stage().name) {
    main_begun_ = true;
    per_image_ = static_cast<double>(step.images_done) / step.step * step.steps / static_cast<double>(images_);
  }
  last_ = step;
}

int64_t Progress::in_main_stage(int task) const {
  const auto new_images = [&](int t) { return static_cast<int64_t>(scenario_.train[static_cast<size_t>(t)].size()); };
  const int64_t exemplars = images_ - new_images(task_);
  return (new_images(task) + exemplars) * for_task(options_, task).epochs;
}

double Progress::images_left() const {
  double left = 0;
  for (int task = main_begun_ ? task_ + 1 : task_; task < scenario_.tasks_to_run; ++task)
    left += per_image_ * static_cast<double>(in_main_stage(task));
  if (!last_) return left;
  const StepReport& at = *last_;
  const int64_t steps = at.steps - at.step + int64_t{at.steps} * (at.epochs - at.epoch);
  return left + static_cast<double>(at.images_done) / at.step * static_cast<double>(steps);
}

}  // namespace mneme
