// End-to-End Incremental Learning: Castro et al., ECCV 2018: docs/methods/eeil.md#loss.
//
//   L = CE over all classes + lambda sum over old heads i of KD_T(z^i, zh^i)
//
// then finetuning on as many images of new classes as there are of old ones, where the newest head is distilled from
// the network before it, too. As released (FACIL): binary cross-entropy between softmaxes instead of KD, one head too
// few in the first round and the newest head free in the second, new images balanced in total but not per class,
// gradient noise with the variance's size for its deviation.

#include <algorithm>

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"
#include "incremental/methods/ss_il.h"
#include "incremental/regularisers/penalties.h"

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
  stage.balancing = o.as_released ? Balancing::in_total : Balancing::per_class;
  stage.options.learning_rate *= o.finetuning_factor;
  stage.options.epochs = o.finetuning_epochs;
  stage.objective.distillation = {heads_of_old(o, 0)};
  if (!o.as_released)
    stage.objective.distillation.push_back(
        {"newest head", o.lambda.value_or(1), newest_head_distillation({.temperature = o.temperature, .eps = o.eps})});
  return task.has_exemplars;
}

/// Three quarters of the main round's epochs, whose rate drops after as many epochs as there, at a tenth of its rate.
bool finetuning_of_suite(Stage& stage, const TaskContext& task, const MethodOptions& o) {
  const int epochs = 3 * stage.options.epochs / 4;
  for (double& milestone : stage.options.milestones)
    milestone = std::min(1.0, milestone * stage.options.epochs / std::max(1, epochs));
  stage.name = "balanced finetuning";
  stage.images = StageImages::balanced;
  stage.chosen_by = Selection::first;
  stage.balancing = Balancing::smallest;
  stage.options.epochs = epochs;
  stage.options.learning_rate *= 0.1;
  stage.objective.distillation = {{"newest head", o.lambda.value_or(1), newest_head_distillation(divergence(o))}};
  return task.has_exemplars;
}

}  // namespace

Method eeil(const MethodOptions& o) {
  Method r;
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

/// Of SS-IL's suite (docs/methods/ss-il.md#eeil): distillation is T^2 KL; the second round's images are as many of
/// every class as the old class with fewest exemplars has, and only the newest head is distilled there.
Method eeil_ss_il(const MethodOptions& o) {
  Method r = eeil(o);
  r.description += " As SS-IL's comparison runs it.";
  r.distillation = {{"heads", o.lambda.value_or(1), separated_distillation(divergence(o))}};
  r.exemplars = ExemplarNeed::required;
  r.later_stages = {[o](Stage& stage, const TaskContext& task) { return finetuning_of_suite(stage, task, o); }};
  return r;
}

}  // namespace mneme::methods
