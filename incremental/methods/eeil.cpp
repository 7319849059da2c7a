// End-to-End Incremental Learning: Castro et al., ECCV 2018. Spec: distillation 11.6.
//
//   L = CE over all classes + lambda sum over old heads i of KD_T(z^i, zh^i)
//
// then finetuning on as many images of new classes as there are of old ones, where the newest head is distilled from
// the network before it, too. As released (FACIL): binary cross-entropy between softmaxes instead of KD, one head too
// few in the first round and the newest head free in the second, new images balanced in total but not per class,
// gradient noise with the variance's size for its deviation.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/recipes.h"
#include "incremental/regularisers/simple.h"

namespace mneme::methods {
namespace {

WeightedTerm heads_of_old(const MethodOptions& o, int skipped) {
  const double w = o.lambda.value_or(1);
  if (o.as_released) return {"heads", w, binary_softmax_distillation(o.temperature, skipped)};
  return {"heads", w, separated_distillation({.temperature = o.temperature, .eps = o.eps})};
}

bool balanced_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& o) {
  stage.name = "balanced finetuning";
  stage.images = StageImages::balanced;
  stage.chosen_by = Selection::random;
  stage.balanced_in_total = o.as_released;
  stage.options.learning_rate *= o.finetuning_factor;
  stage.options.epochs = o.finetuning_epochs;
  stage.objective.distillation = {heads_of_old(o, 0)};
  if (!o.as_released)
    stage.objective.distillation.push_back(
        {"newest head", o.lambda.value_or(1), newest_head_distillation({.temperature = o.temperature, .eps = o.eps})});
  return task.has_exemplars;
}

}  // namespace

Recipe eeil(const MethodOptions& o) {
  Recipe r;
  r.description = "EEIL (Castro et al. 2018): distillation head by head, then finetuning on balanced images.";
  r.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  r.distillation = {heads_of_old(o, 1)};
  r.validation = r.prediction;
  r.trainable = Trainable::all;
  r.exemplars = ExemplarNeed::expected;
  r.search_from = o.lambda.value_or(10);
  if (o.gradient_noise) r.regularisers = {{"noise", gradient_noise({.as_released = o.as_released})}};
  r.later_stages = {[o](Stage& stage, const TaskContext& task) { return balanced_finetuning(stage, task, o); }};
  return r;
}

}  // namespace mneme::methods
