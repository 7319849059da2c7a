// Learning without Memorizing: Dhar et al., CVPR 2019: LwF, and the network keeps looking where the old model looks.
// docs/methods/lwm.md#attention-distillation.
//
//   L = L_LwF(w = beta) + gamma L_AD
//
// As released (FACIL), L_AD has no gradient: training is that of LwF, and gamma only shifts the validation loss, and
// with it the schedule and the choice of the best model. The variants were published without code; they are LwF's, with
// L_AD.

#include "incremental/losses/features.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {

Method lwm(const MethodOptions& options, const Variant& v) {
  Method r = lwf(options, v);
  r.search_from = options.lambda.value_or(2);
  r.description = "Learning without Memorizing (Dhar et al. 2019): LwF, and attention stays where the old model's was";
  if (!options.as_released) {
    r.distillation.push_back({"attention", options.attention, attention_distillation()});
    return r;
  }
  r.ignores_fix_bn = true;
  r.validation = r.prediction;
  r.validation.insert(r.validation.end(), r.distillation.begin(), r.distillation.end());
  r.validation.push_back({"attention", options.attention, detached_attention()});
  return r;
}

}  // namespace mneme::methods
