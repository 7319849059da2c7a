// BiC: Wu et al., "Large Scale Incremental Learning", CVPR 2019: docs/methods/bic.md#loss.
//
//   L = (1 - rho) CE over all classes + rho KD_T(Z_<t, Zh_<t),   rho = N_old / N
//
// With --lambda the loss is CE + lambda KD. Then alpha and beta of the line z -> alpha z + beta of the newest head
// (eq. 3) are learned on exemplars that were set aside for it, by the loss CE + 0.1 beta^2 / 2
// (docs/methods/bic.md#bias-correction). As released (FACIL), a class's first images are set aside, and they are
// augmented.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/registry.h"
#include "incremental/options/shared_options.h"
#include "incremental/regularisers/penalties.h"

namespace mneme::methods {
namespace {

struct BicOptions {
  int bias_epochs = 200;
};

constexpr Option bias_epochs =
    option<&BicOptions::bias_epochs>("--bias-epochs", "Epochs of the bias correction", at_least(0));

bool bias_correction(Stage& stage, const MethodOptions& o) {
  stage.name = "bias correction";
  stage.images = StageImages::held_out;
  stage.trainable_parts = {
      .backbone = false, .old_classes = false, .new_classes = false, .scale = false, .correction = true};
  stage.batch_statistics = stage.validates = false;
  stage.objective = {};
  stage.objective.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  stage.objective.regularisers = {{"beta", square_penalty(".beta", 0.1)}};
  stage.options.epochs = o.get<BicOptions>().bias_epochs;
  stage.options.schedule = ScheduleKind::constant;
  stage.options.sgd = {.momentum = 0.9};
  stage.options.clip_norm = 0;
  if (!o.get<SharedOptions>().as_released) stage.options.augmentation = {};
  return true;
}

/// The correction of SS-IL's suite: augmented images, twice the main stage's epochs, the main stage's schedule from
/// 0.001 on, no momentum and no penalties (docs/methods/ss-il.md#bic).
bool correction_of_suite(Stage& stage, const MethodOptions& o) {
  const TrainOptions main = stage.options;
  bias_correction(stage, o);
  stage.objective.regularisers.clear();
  stage.options = main;
  stage.options.epochs = 2 * main.epochs;
  stage.options.learning_rate = 0.001;
  if (main.schedule == ScheduleKind::patience) stage.options.schedule = ScheduleKind::constant;
  stage.options.sgd = {};
  stage.options.clip_norm = 0;
  return true;
}

Method bic(const MethodOptions& o) {
  const SharedOptions& shared = o.get<SharedOptions>();
  Method method;
  method.description =
      "BiC (Wu et al. 2019): distillation, then a line through the new logits learned on held-out exemplars.";
  method.network.classifier = ClassifierKind::corrected;
  method.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  method.distillation = {{"distillation", shared.lambda.value_or(1),
                          joint_distillation({.temperature = shared.temperature, .eps = shared.eps})}};
  method.balance = shared.lambda ? Balance::sum : Balance::rho;
  method.trainable = Trainable::all;
  method.exemplars = ExemplarNeed::required;
  method.validation_exemplars = o.get<ValidationExemplarOptions>().validation_exemplars;
  method.holds_out_first = shared.as_released;
  method.later_stages = {[o](Stage& stage, const TaskContext&) { return bias_correction(stage, o); }};
  return method;
}

/// BiC of SS-IL's suite (docs/methods/ss-il.md#bic). The distillation is rho KL_T + (1 - rho) CE, without T^2. Only the
/// newest task's logits are corrected, in predictions and in the teacher's outputs, and each task begins without
/// corrections. A share of the whole memory and as many new images are held out.
Method bic_ss_il(const MethodOptions& o) {
  const SharedOptions& shared = o.get<SharedOptions>();
  Method method = bic(o);
  method.description += " As SS-IL's comparison runs it.";
  method.network.whole_head = shared.as_released;
  method.distillation = {{"distillation", shared.lambda.value_or(1),
                          joint_distillation({.temperature = shared.temperature, .eps = 0, .relative = true})}};
  method.hold_out = HoldOut::last_for_the_task;
  method.holds_out_first = false;
  method.resets_classifier = true;
  method.later_stages = {[o](Stage& stage, const TaskContext&) { return correction_of_suite(stage, o); }};
  return method;
}

}  // namespace

std::vector<MethodInfo> bic_methods() {
  return {{"bic",
           "distillation, then a corrected bias of new logits",
           "L = (1 - rho) CE + rho KD_T, rho = N_old / N (with --lambda: CE + lambda KD_T)\n"
           "then, on held-out exemplars, z -> alpha z + beta for new classes",
           "Wu et al., CVPR 2019; docs/methods/bic.md#loss",
           {row::lambda, row::temperature, row::eps, row::as_released, row::validation_exemplars, bias_epochs},
           bic},
          {"bic-ss-il",
           "bic as compared with ss-il: a tenth of memory and as many new images held out",
           "L = (1 - rho) CE + rho KL_T, rho = N_old / N (with --lambda: CE + lambda KL_T)\n"
           "then, on held-out images, z -> alpha z + beta for the newest classes",
           "Wu et al., CVPR 2019, in SS-IL's suite; docs/methods/ss-il.md#bic",
           {row::lambda, row::temperature, row::validation_exemplars, row::as_released},
           bic_ss_il}};
}

}  // namespace mneme::methods
