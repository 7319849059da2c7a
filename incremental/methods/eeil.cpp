// End-to-End Incremental Learning: Castro et al., ECCV 2018: docs/methods/eeil.md#loss.
//
//   L = CE over all classes + lambda sum over old heads i of KD_T(z^i, zh^i)
//
// Then the network is finetuned on as many images of each new class as there are of each old one, and the newest head
// is distilled from the network as it was before (docs/methods/eeil.md#balanced-finetuning). As released (FACIL):
// binary cross-entropy between softmaxes instead of KD, one head too few in the main stage, no distillation of the
// newest head in the finetuning, as many new images as exemplars but drawn whatever their class, and gradient noise
// whose deviation is the paper's variance.

#include <algorithm>

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/building_blocks.h"
#include "incremental/regularisers/penalties.h"

namespace mneme::methods {
namespace {

struct EeilOptions {
  double finetuning_lr_factor = 0.01;  ///< the finetuning's learning rate, as a share of the main stage's
  int finetuning_epochs = 40;
  bool gradient_noise = false;
};

constexpr Option finetuning_lr_factor = option<&EeilOptions::finetuning_lr_factor>(
    "--finetuning-lr-factor", "Learning rate of the balanced finetuning, as a share of --lr", above(0));
constexpr Option finetuning_epochs =
    option<&EeilOptions::finetuning_epochs>("--finetuning-epochs", "Epochs of the balanced finetuning", at_least(0));
constexpr Option noise = option<&EeilOptions::gradient_noise>("--gradient-noise", "Add noise to every gradient");

double weight_of(const MethodOptions& o) { return o.get<SharedOptions>().lambda.value_or(1); }

WeightedTerm heads_of_old(const MethodOptions& o, int skipped) {
  const SharedOptions& shared = o.get<SharedOptions>();
  if (shared.as_released)
    return {"binary softmax distillation", weight_of(o), binary_softmax_distillation(shared.temperature, skipped)};
  return {"separated distillation", weight_of(o),
          separated_distillation({.temperature = shared.temperature, .eps = shared.eps})};
}

bool balanced_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& o) {
  const SharedOptions& shared = o.get<SharedOptions>();
  stage.name = "balanced finetuning";
  stage.images = StageImages::balanced;
  stage.chosen_by = Selection::random;
  stage.balancing = shared.as_released ? Balancing::in_total : Balancing::per_class;
  stage.options.learning_rate *= o.get<EeilOptions>().finetuning_lr_factor;
  stage.options.epochs = o.get<EeilOptions>().finetuning_epochs;
  stage.objective.distillation = {heads_of_old(o, 0)};
  if (!shared.as_released)
    stage.objective.distillation.push_back(
        {"newest head distillation", weight_of(o),
         newest_head_distillation({.temperature = shared.temperature, .eps = shared.eps})});
  return task.has_exemplars;
}

/// The finetuning of SS-IL's suite: three quarters of the main stage's epochs, at a tenth of its learning rate, which
/// drops after as many epochs as in the main stage (docs/methods/ss-il.md#eeil).
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
  stage.objective.distillation = {{"newest head distillation", weight_of(o), newest_head_distillation(divergence(o))}};
  return task.has_exemplars;
}

Method eeil(const MethodOptions& o) {
  const SharedOptions& shared = o.get<SharedOptions>();
  Method method;
  method.description = "EEIL (Castro et al. 2018): distillation head by head, then finetuning on balanced images.";
  method.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  method.distillation = {heads_of_old(o, 1)};
  method.validation = method.prediction;
  method.trainable = Trainable::all;
  method.exemplars = ExemplarNeed::expected;
  method.search_from = shared.lambda.value_or(10);
  if (o.get<EeilOptions>().gradient_noise)
    method.regularisers = {{"noise", gradient_noise({.as_released = shared.as_released})}};
  method.later_stages = {[o](Stage& stage, const TaskContext& task) { return balanced_finetuning(stage, task, o); }};
  return method;
}

/// EEIL of SS-IL's suite (docs/methods/ss-il.md#eeil). The distillation is T^2 KL. The finetuning takes as many images
/// of every class as the old class with the fewest exemplars has, and distils only the newest head.
Method eeil_ss_il(const MethodOptions& o) {
  Method method = eeil(o);
  method.description += " As SS-IL's comparison runs it.";
  method.network.whole_head = o.get<SharedOptions>().as_released;
  method.distillation = {{"separated distillation", weight_of(o), separated_distillation(divergence(o))}};
  method.exemplars = ExemplarNeed::required;
  method.later_stages = {[o](Stage& stage, const TaskContext& task) { return finetuning_of_suite(stage, task, o); }};
  return method;
}

}  // namespace

std::vector<MethodInfo> eeil_methods() {
  return {{"eeil",
           "distillation per head, then balanced finetuning",
           "L = CE + lambda sum over old heads of KD_T; then finetuning on balanced images",
           "Castro et al., ECCV 2018; docs/methods/eeil.md#loss",
           {row::lambda, row::temperature, row::eps, row::as_released, finetuning_lr_factor, finetuning_epochs, noise},
           eeil},
          {"eeil-ss-il",
           "eeil as compared with ss-il: divergence per head, exactly balanced images",
           "L = CE + lambda sum over old heads of T^2 KL_T; then finetuning on balanced images",
           "Castro et al., ECCV 2018, in SS-IL's suite; docs/methods/ss-il.md#eeil",
           {row::lambda, row::temperature, row::as_released, noise},
           eeil_ss_il}};
}

}  // namespace mneme::methods
