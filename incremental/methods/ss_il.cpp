// SS-IL: Ahn et al., "SS-IL: Separated Softmax for Incremental Learning", ICCV 2021: docs/methods/ss-il.md#loss.
//
//   L = CE of separated softmax + lambda sum over old tasks i of T^2 KL_T(zh^i || z^i),   T = 2
//
// A batch holds B new images (--batch-size) and R exemplars (--replay-batch), which all count alike. The cross-entropy
// of an image never reaches the logits of the other side, old or new; the level between old and new classes is set by
// the distillation, and by what the shares of the batch leave in the features. The paper's protocol (--selection first,
// --memory-fill, --lr-by-task, --drop-last, --keep-momentum) belongs to no method and is in the presets. As released,
// the weights of all classes are there from the first task on (docs/methods/ss-il.md#released-head).

#include "incremental/methods/building_blocks.h"

#include "incremental/losses/prediction.h"

namespace mneme::methods {
namespace {

Method ss_il(const MethodOptions& o) {
  Method method;
  method.description =
      "SS-IL (Ahn et al. 2021): old and new classes each in a softmax of their own, distillation task by task, and in "
      "every batch as many exemplars.";
  method.prediction = {{"separated softmax", 1, separated_softmax()}};
  method.distillation = {{"TKD", o.get<SharedOptions>().lambda.value_or(1), separated_distillation(divergence(o))}};
  method.trainable = Trainable::all;
  method.exemplars = ExemplarNeed::required;
  method.network.whole_head = o.get<SharedOptions>().as_released;
  method.sampling = {.kind = Sampling::split, .replay_batch = o.get<ReplayOptions>().replay_batch};
  return method;
}

}  // namespace

std::vector<MethodInfo> ss_il_methods() {
  return {{"ss-il",
           "separated softmax, distillation per task, exemplars in every batch (--replay-batch)",
           "L = CE of separated softmax + lambda sum over old tasks of T^2 KL_T,\n"
           "over batches of --batch-size new images and --replay-batch exemplars",
           "Ahn et al., ICCV 2021; docs/methods/ss-il.md#loss",
           {row::lambda, row::temperature, row::replay_batch, row::as_released},
           ss_il}};
}

}  // namespace mneme::methods
