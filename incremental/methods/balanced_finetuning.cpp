#include "incremental/methods/building_blocks.h"

namespace mneme::methods {

bool class_balance_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& options) {
  constexpr int epochs_in_papers = 20;
  const BalancedFinetuningOptions& o = options.get<BalancedFinetuningOptions>();
  stage.name = "class-balance finetuning";
  stage.trainable_parts = {.backbone = false, .old_classes = true, .new_classes = true, .scale = false};
  stage.batch_statistics = stage.validates = false;
  stage.images = StageImages::balanced;
  stage.options.epochs = o.balanced_epochs ? o.balanced_epochs : epochs_in_papers;
  stage.options.learning_rate = o.balanced_lr.value_or(0.01);
  stage.options.schedule = ScheduleKind::steps;
  stage.options.milestones = {0.5};
  stage.options.lr_gamma = 0.1;
  stage.options.sgd.momentum = 0.9;
  return task.has_exemplars;
}

}  // namespace mneme::methods
