// iCaRL: Rebuffi et al., CVPR 2017, algorithms 1 and 3: docs/methods/icarl.md#loss.
//
//   L = mean_b [ sum over new classes c of BCE(sig z_c, [y = c]) + lambda sum over old classes of BCE(sig z_c, sig
//   zh_c) ]
//
// Predictions by the nearest mean of exemplars. As released (FACIL): softmax cross-entropy over all classes in place of
// the first sum.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"
#include "incremental/methods/ss_il.h"

namespace mneme::methods {

Method icarl(const MethodOptions& o) {
  Method r;
  r.description = "iCaRL (Rebuffi et al. 2017): binary distillation, predictions by the nearest mean of exemplars.";
  r.prediction = {o.as_released ? WeightedTerm{"cross-entropy", 1, joint_cross_entropy()}
                                : WeightedTerm{"binary classification", 1, binary_classification()}};
  r.distillation = {{"binary distillation", o.lambda.value_or(1), binary_distillation_of_all()}};
  r.trainable = Trainable::all;
  r.exemplars = ExemplarNeed::expected;
  r.rule = nearest_mean();
  r.search_from = o.lambda.value_or(4);
  return r;
}

/// Of SS-IL's suite (docs/methods/ss-il.md#icarl): L = CE over all classes + lambda sum over old tasks of T^2 KL, and
/// classes are the plain means of f/||f|| over all that was trained on, as it was trained on.
Method icarl_ss_il(const MethodOptions& o) {
  Method r = icarl(o);
  r.description =
      "iCaRL (Rebuffi et al. 2017) as SS-IL's comparison runs it: softmax cross-entropy, distillation task by task, "
      "predictions by the nearest mean of all training images.";
  r.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  r.distillation = {{"KD", o.lambda.value_or(1), separated_distillation(divergence(o))}};
  r.exemplars = ExemplarNeed::required;
  r.rule = nearest_mean({.of_all_images = true, .augmented = true, .directions = false});
  return r;
}

}  // namespace mneme::methods
