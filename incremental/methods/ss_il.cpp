// SS-IL: Ahn et al., "SS-IL: Separated Softmax for Incremental Learning", ICCV 2021: docs/methods/ss-il.md#loss.
//
//   L = CE of separated softmax + lambda sum over old tasks i of T^2 KL_T(zh^i || z^i),   T = 2
//
// over batches of B new images (--batch-size) and R exemplars (--replay-batch), which all count alike. An image's
// cross-entropy never reaches the other side's logits; between old and new classes the level is set by the distillation
// and by what the shares of the batch leave in the features. The paper's protocol (--selection first, --memory-fill,
// --lr-by-task, --drop-last, --keep-momentum) belongs to no method and is in the presets.

#include "incremental/methods/ss_il.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {

Method ss_il(const MethodOptions& o) {
  Method r;
  r.description =
      "SS-IL (Ahn et al. 2021): old and new classes each in a softmax of their own, distillation task by task, and in "
      "every batch as many exemplars.";
  r.prediction = {{"separated softmax", 1, separated_softmax()}};
  r.distillation = {{"TKD", o.lambda.value_or(1), separated_distillation(divergence(o))}};
  r.trainable = Trainable::all;
  r.exemplars = ExemplarNeed::required;
  r.sampling = {.kind = Sampling::split, .replay_batch = o.replay_batch};
  return r;
}

}  // namespace mneme::methods
