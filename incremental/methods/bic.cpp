// BiC: Wu et al., "Large Scale Incremental Learning", CVPR 2019. Spec: distillation 11.6.
//
//   L = (1 - rho) CE over all classes + rho KD_T(Z_<t, Zh_<t),   rho = N_old / N;   with --lambda: CE + lambda KD
//
// then alpha and beta of the newest head's line z -> alpha z + beta are learned on exemplars held out for it:
// CE + 0.1 beta^2 / 2. As released (FACIL): those exemplars are a class's first images, and they are augmented.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/recipes.h"
#include "incremental/regularisers/simple.h"

namespace mneme::methods {
namespace {

bool bias_correction(Stage& stage, const MethodOptions& o) {
  stage.name = "bias correction";
  stage.images = StageImages::held_out;
  stage.learns = {.backbone = false, .old_classes = false, .new_classes = false, .scale = false, .correction = true};
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

}  // namespace

Recipe bic(const MethodOptions& o) {
  Recipe r;
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

}  // namespace mneme::methods
