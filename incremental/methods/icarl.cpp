// iCaRL: Rebuffi et al., CVPR 2017, algorithms 1 and 3: docs/methods/icarl.md#loss.
//
//   L = mean_b [ sum over new classes c of BCE(sig z_c, [y = c])
//              + lambda sum over old classes c of BCE(sig z_c, sig zh_c) ]
//
// The prediction is the class with the nearest mean of exemplars (docs/methods/icarl.md#prediction). As released
// (FACIL), softmax cross-entropy over all classes takes the place of the first sum.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/building_blocks.h"

namespace mneme::methods {
namespace {

Method icarl(const MethodOptions& o) {
  const SharedOptions& shared = o.get<SharedOptions>();
  Method method;
  method.description =
      "iCaRL (Rebuffi et al. 2017): binary distillation, predictions by the nearest mean of exemplars.";
  method.prediction = {shared.as_released ? WeightedTerm{"cross-entropy", 1, joint_cross_entropy()}
                                          : WeightedTerm{"binary classification", 1, binary_classification()}};
  method.distillation = {{"binary distillation", shared.lambda.value_or(1), binary_distillation_of_all()}};
  method.trainable = Trainable::all;
  method.exemplars = ExemplarNeed::expected;
  method.rule = nearest_mean();
  method.search_from = shared.lambda.value_or(4);
  return method;
}

/// iCaRL of SS-IL's suite (docs/methods/ss-il.md#icarl): L = CE over all classes + lambda sum over old tasks of T^2 KL.
/// A class is the plain mean of f/||f|| over all its training images, augmented as they were trained on.
Method icarl_ss_il(const MethodOptions& o) {
  Method method = icarl(o);
  method.description =
      "iCaRL (Rebuffi et al. 2017) as SS-IL's comparison runs it: softmax cross-entropy, distillation task by task, "
      "predictions by the nearest mean of all training images.";
  method.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  method.distillation = {
      {"distillation", o.get<SharedOptions>().lambda.value_or(1), separated_distillation(divergence(o))}};
  method.exemplars = ExemplarNeed::required;
  method.rule = nearest_mean({.of_all_images = true, .augmented = true, .directions = false});
  method.network.whole_head = o.get<SharedOptions>().as_released;
  return method;
}

}  // namespace

std::vector<MethodInfo> icarl_methods() {
  return {{"icarl",
           "binary distillation, nearest mean of exemplars",
           "L = BCE over new classes + lambda BCE to the old model's sigmoids over old classes\n"
           "prediction: the class with the nearest mean of exemplars",
           "Rebuffi et al., CVPR 2017; docs/methods/icarl.md#loss",
           {row::lambda, row::as_released},
           icarl},
          {"icarl-ss-il",
           "icarl as compared with ss-il: softmax, means of all images",
           "L = CE + lambda sum over old tasks of T^2 KL_T\n"
           "prediction: the class with the nearest mean of all training images",
           "Rebuffi et al., CVPR 2017, in SS-IL's suite; docs/methods/ss-il.md#icarl",
           {row::lambda, row::temperature, row::as_released},
           icarl_ss_il}};
}

}  // namespace mneme::methods
