#include "incremental/stage.h"

#include <algorithm>

#include "incremental/losses/prediction.h"
#include "incremental/recipe.h"

namespace mneme {
namespace {

Stage main_stage(const Recipe& recipe, const TrainOptions& options, const TaskContext& task) {
  Stage stage;
  stage.objective = recipe;
  stage.learns = recipe.learns(task);
  stage.batch_statistics = stage.learns.backbone && !(options.fix_bn && task.task > 0 && !recipe.ignores_fix_bn);
  stage.starts_over = recipe.starts_over && task.task > 0;
  stage.sampling = recipe.sampling;
  stage.sampling.drop_last = options.drop_last;
  stage.options = for_task(options, task.task);
  return stage;
}

/// The new head alone, plain SGD, cross-entropy inside the head, batch norm in inference mode:
/// docs/methods/protocol.md#warm-up.
Stage warm_up_stage(const Recipe& recipe, const TrainOptions& options, int task) {
  Stage stage;
  stage.name = "warm-up";
  stage.objective.prediction = {{"cross-entropy", 1, recipe.warm_up ? recipe.warm_up : current_cross_entropy()}};
  stage.learns = {.backbone = false, .old_classes = false, .new_classes = true, .scale = false};
  stage.batch_statistics = false;
  stage.images = StageImages::fresh;
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

bool Learns::operator()(Part part) const {
  switch (part) {
    case Part::backbone: return backbone;
    case Part::kernels: return backbone && !kernel_scales;
    case Part::kernel_scale: return backbone && kernel_scales;
    case Part::old_classes: return old_classes;
    case Part::new_classes: return new_classes;
    case Part::scale: return scale;
    case Part::correction: return correction;
    case Part::settled: return false;
  }
  return false;
}

TaskContext context_for(const Stage& stage, const TaskContext& task, const Pool& images) {
  TaskContext out = task;
  if (stage.images == StageImages::task || stage.images == StageImages::auxiliary) return out;
  std::ranges::fill(out.class_counts, 0);
  for (const int label : images.labels) ++out.class_counts[static_cast<size_t>(label)];
  if (stage.images == StageImages::fresh) out.has_exemplars = false;
  return out;
}

std::vector<Stage> stages_of(const Recipe& recipe, const TrainOptions& options, const TaskContext& task) {
  const Stage main = main_stage(recipe, options, task);
  if (task.task == 0) return {main};
  std::vector<Stage> stages;
  if (options.warmup_epochs > 0) stages.push_back(warm_up_stage(recipe, options, task.task));
  stages.push_back(main);
  int number = 1;  // the warm-up's
  for (const StageChange& change : recipe.later_stages) {
    Stage stage = main;
    stage.number = ++number;
    stage.starts_over = false;
    stage.sampling = {.drop_last = options.drop_last};
    if (change(stage, task)) stages.push_back(stage);
  }
  return stages;
}

}  // namespace mneme
