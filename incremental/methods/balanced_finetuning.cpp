#include "incremental/methods/balanced_finetuning.h"

namespace mneme::methods {

bool class_balance_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& options) {
  constexpr int epochs_in_papers = 20;
  stage.name = "class-balance finetuning";
  stage.trainable_parts = {.backbone = false, .old_classes = true, .new_classes = true, .scale = false};
  stage.batch_statistics = stage.validates = false;
  stage.images = StageImages::balanced;
  stage.options.epochs = options.balanced_epochs ? options.balanced_epochs : epochs_in_papers;
  stage.options.learning_rate = options.balanced_rate.value_or(0.01);
  stage.options.schedule = ScheduleKind::steps;
  stage.options.milestones = {0.5};
  stage.options.step_factor = 0.1;
  stage.options.sgd.momentum = 0.9;
  return task.has_exemplars;
}

}  // namespace mneme::methods
