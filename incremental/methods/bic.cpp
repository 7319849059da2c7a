// BiC: Wu et al., "Large Scale Incremental Learning", CVPR 2019: docs/methods/bic.md#loss.
//
//   L = (1 - rho) CE over all classes + rho KD_T(Z_<t, Zh_<t),   rho = N_old / N;   with --lambda: CE + lambda KD
//
// then alpha and beta of the newest head's line z -> alpha z + beta are learned on exemplars held out for it:
// CE + 0.1 beta^2 / 2. As released (FACIL): those exemplars are a class's first images, and they are augmented.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"
#include "incremental/regularisers/penalties.h"

namespace mneme::methods {
namespace {

bool bias_correction(Stage& stage, const MethodOptions& o) {
  stage.name = "bias correction";
  stage.images = StageImages::held_out;
  stage.trainable_parts = {.backbone = false, .old_classes = false, .new_classes = false, .scale = false, .correction = true};
  stage.batch_statistics = stage.validates = false;
  stage.objective = {};
  stage.objective.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  stage.objective.regularisers = {{"beta", square_penalty(".beta", 0.1)}};
  stage.options.epochs = o.bias_epochs;
  stage.options.schedule = ScheduleKind::constant;
  stage.options.sgd = {.momentum = 0.9};
  stage.options.clip = 0;
  if (!o.as_released) stage.options.augmentation = {};
  return true;
}

/// On augmented images, twice the main round's epochs and its schedule from 0.001 on, without momentum or penalties.
bool correction_of_suite(Stage& stage, const MethodOptions& o) {
  const TrainOptions main = stage.options;
  bias_correction(stage, o);
  stage.objective.regularisers.clear();
  stage.options = main;
  stage.options.epochs = 2 * main.epochs;
  stage.options.learning_rate = 0.001;
  if (main.schedule == ScheduleKind::patience) stage.options.schedule = ScheduleKind::constant;
  stage.options.sgd = {};
  stage.options.clip = 0;
  return true;
}

}  // namespace

Method bic(const MethodOptions& o) {
  Method r;
  r.description =
      "BiC (Wu et al. 2019): distillation, then a line through the new logits learned on held-out exemplars.";
  r.network.classifier = ClassifierKind::corrected;
  r.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  r.distillation = {{"KD", o.lambda.value_or(1), joint_distillation({.temperature = o.temperature, .eps = o.eps})}};
  r.balance = o.lambda ? Balance::sum : Balance::rho;
  r.trainable = Trainable::all;
  r.exemplars = ExemplarNeed::required;
  r.held_out = o.held_out;
  r.holds_out_first = o.as_released;
  r.later_stages = {[o](Stage& stage, const TaskContext&) { return bias_correction(stage, o); }};
  return r;
}

/// Of SS-IL's suite (docs/methods/ss-il.md#bic): rho KL_T + (1 - rho) CE, without T^2. Only the newest task's logits
/// are corrected, in predictions as in the teacher's answers; each task begins without corrections. Held out are a
/// share of the whole memory and as many new images.
Method bic_ss_il(const MethodOptions& o) {
  Method r = bic(o);
  r.description += " As SS-IL's comparison runs it.";
  r.distillation = {
      {"KD", o.lambda.value_or(1), joint_distillation({.temperature = o.temperature, .eps = 0, .relative = true})}};
  r.hold_out = HoldOut::last_for_the_task;
  r.holds_out_first = false;
  r.resets_classifier = true;
  r.later_stages = {[o](Stage& stage, const TaskContext&) { return correction_of_suite(stage, o); }};
  return r;
}

}  // namespace mneme::methods
