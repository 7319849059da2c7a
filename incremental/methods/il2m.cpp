// IL2M: Belouadah and Popescu, "IL2M: Class Incremental Learning With Dual Memory", ICCV 2019: finetuning with
// exemplars, whose scores are rectified by statistics of when each class was new:
// docs/methods/il2m.md#rectified-scores. As released (FACIL): statistics of logits rather than of probabilities. That
// code also augments the images it takes them of; ours are as they are.

#include "incremental/methods/makers.h"

namespace mneme::methods {

Method il2m(const MethodOptions& o) {
  Method r = finetuning(o);
  r.description = "IL2M (Belouadah and Popescu 2019): old classes' scores are raised to what they were when new.";
  r.trainable = Trainable::all;
  r.exemplars = ExemplarNeed::required;
  r.rule = rectified_scores({.of_logits = o.as_released});
  return r;
}

/// Of SS-IL's suite, whose FT it trains as: docs/methods/ss-il.md#il2m. Means are of images as they are trained on.
Method il2m_ss_il(const MethodOptions& o) {
  Method r = ft_ss_il(o);
  r.description = il2m(o).description + " As SS-IL's comparison runs it.";
  r.rule = rectified_scores({.augmented = true});
  return r;
}

}  // namespace mneme::methods
