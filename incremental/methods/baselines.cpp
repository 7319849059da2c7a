// The bounds every method is measured against: docs/methods/facil-survey.md#baselines.

#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {

Method finetuning(const MethodOptions& options) {
  Method r;
  r.description = "Training goes on with the new classes and nothing guards the old: the lower bound.";
  r.prediction = {{"cross-entropy", 1, current_cross_entropy(options.all_outputs)}};
  r.trainable = options.all_outputs ? Trainable::all : Trainable::standard;
  return r;
}

Method freezing(const MethodOptions& options) {
  Method r = finetuning(options);
  r.description = "The backbone stops learning after the first task; only heads are added: plasticity's lower bound.";
  r.freeze_backbone_after = options.freeze_after;
  r.ignores_fix_bn = options.as_released;
  return r;
}

Method joint(const MethodOptions&) {
  Method r;
  r.description = "Every task trains on the images of all tasks so far: the upper bound.";
  r.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  r.trainable = Trainable::all;
  r.train_on = TrainOn::all_so_far;
  r.exemplars = ExemplarNeed::forbidden;
  return r;
}

/// FT of SS-IL's suite: docs/methods/ss-il.md#ft.
Method ft_ss_il(const MethodOptions& options) {
  MethodOptions all = options;
  all.all_outputs = true;
  Method r = finetuning(all);
  r.description = "Cross-entropy over all classes, with exemplars and no distillation (FT in SS-IL's comparison).";
  r.exemplars = ExemplarNeed::required;
  return r;
}

}  // namespace mneme::methods
