#include "incremental/method/stage.h"

#include <algorithm>

#include "incremental/losses/prediction.h"
#include "incremental/method/method.h"

namespace mneme {
namespace {

Stage main_stage(const Method& method, const TrainOptions& options, const TaskContext& task) {
  Stage stage;
  stage.objective = method;
  stage.trainable_parts = method.trainable_parts(task);
  stage.batch_statistics =
      stage.trainable_parts.backbone && !(options.fix_bn && task.task > 0 && !method.ignores_fix_bn);
  stage.starts_over = method.starts_over && task.task > 0;
  stage.sampling = method.sampling;
  stage.sampling.drop_last = options.drop_last;
  stage.options = for_task(options, task.task);
  return stage;
}

/// The warm-up trains only the new head, with plain SGD, cross-entropy within the head, and batch norm in inference
/// mode: docs/methods/protocol.md#warm-up.
Stage warm_up_stage(const Method& method, const TrainOptions& options, int task) {
  Stage stage;
  stage.name = "warm-up";
  stage.objective.prediction = {{"cross-entropy", 1, method.warm_up ? method.warm_up : current_cross_entropy()}};
  stage.trainable_parts = {.backbone = false, .old_classes = false, .new_classes = true, .scale = false};
  stage.batch_statistics = false;
  stage.images = StageImages::new_images;
  stage.validates = stage.reported = false;
  stage.number = 1;
  stage.sampling.drop_last = options.drop_last;
  stage.options = for_task(options, task);
  stage.options.epochs = options.warmup_epochs;
  stage.options.learning_rate *= options.warmup_factor;
  stage.options.schedule = ScheduleKind::constant;
  stage.options.sgd = {};
  return stage;
}

}  // namespace

bool TrainableParts::operator()(Part part) const {
  switch (part) {
    case Part::backbone: return backbone;
    case Part::kernels: return backbone && !kernel_scales;
    case Part::kernel_scale: return backbone && kernel_scales;
    case Part::old_classes: return old_classes;
    case Part::new_classes: return new_classes;
    case Part::later_classes: return later_classes;
    case Part::scale: return scale;
    case Part::correction: return correction;
    case Part::settled: return false;
  }
  return false;
}

TaskContext context_for(const Stage& stage, const TaskContext& task, const Subset& images) {
  TaskContext out = task;
  if (stage.images == StageImages::task || stage.images == StageImages::auxiliary) return out;
  std::ranges::fill(out.class_counts, 0);
  for (const int label : images.labels) ++out.class_counts[static_cast<size_t>(label)];
  if (stage.images == StageImages::new_images) out.has_exemplars = false;
  return out;
}

std::vector<Stage> stages_of(const Method& method, const TrainOptions& options, const TaskContext& task) {
  const Stage main = main_stage(method, options, task);
  if (task.task == 0) return {main};
  std::vector<Stage> stages;
  if (options.warmup_epochs > 0) stages.push_back(warm_up_stage(method, options, task.task));
  stages.push_back(main);
  int number = 1;  // number of the warm-up
  for (const StageChange& change : method.later_stages) {
    Stage stage = main;
    stage.number = ++number;
    stage.starts_over = false;
    stage.sampling = {.drop_last = options.drop_last};
    if (change(stage, task)) stages.push_back(stage);
  }
  return stages;
}

}  // namespace mneme
