// IL2M: Belouadah and Popescu, "IL2M: Class Incremental Learning With Dual Memory", ICCV 2019: finetuning with
// exemplars, whose scores are rectified by statistics of when each class was new. Spec: distillation 11.6. As released
// (FACIL): statistics of logits rather than of probabilities. That code also augments the images it takes them of; ours
// are as they are.

#include "incremental/methods/recipes.h"

namespace mneme::methods {

Recipe il2m(const MethodOptions& o) {
  Recipe r = finetuning(o);
  r.description = "IL2M (Belouadah and Popescu 2019): old classes' scores are raised to what they were when new.";
  r.trainable = Trainable::all;
  r.exemplars = ExemplarNeed::required;
  r.rule = rectified_scores(o.as_released);
  return r;
}

}  // namespace mneme::methods
