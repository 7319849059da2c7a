// Learning without Memorizing: Dhar et al., CVPR 2019. LwM is LwF, and the network keeps looking where the old model
// looks: docs/methods/lwm.md#attention-distillation.
//
//   L = L_LwF(w = beta) + gamma L_AD
//
// As released (FACIL), L_AD has no gradient: the training is that of LwF, and gamma only shifts the validation loss,
// and with it the schedule and the choice of the best model; its value depends on the batch, so that validation has
// batches of the training's size. The variants were published without code; they are LwF's,
// with L_AD.

#include "incremental/losses/features.h"
#include "incremental/methods/building_blocks.h"

namespace mneme::methods {
namespace {

struct LwmOptions {
  double attention_weight = 1;  ///< gamma
};

constexpr Option attention_weight =
    option<&LwmOptions::attention_weight>("--attention-weight", "Weight of the attention distillation", at_least(0));

std::vector<Option> lwm_options(const Variant& variant) {
  std::vector<Option> rows = lwf_options(variant);
  rows.push_back(attention_weight);
  if (!variant.binary_prediction) rows.push_back(row::as_released);  // otherwise LwF's rows have it
  return rows;
}

Method lwm(const MethodOptions& options, const Variant& v) {
  const SharedOptions& shared = options.get<SharedOptions>();
  const double gamma = options.get<LwmOptions>().attention_weight;
  Method method = lwf(options, v);
  method.search_from = shared.lambda.value_or(2);
  method.description =
      "Learning without Memorizing (Dhar et al. 2019): LwF, and attention stays where the old model's was";
  if (!shared.as_released) {
    method.distillation.push_back({"attention distillation", gamma, attention_distillation()});
    return method;
  }
  method.ignores_fix_bn = true;
  method.validation = method.prediction;
  method.validation.insert(method.validation.end(), method.distillation.begin(), method.distillation.end());
  method.validation.push_back({"attention distillation", gamma, detached_attention()});
  method.validates_in_training_batches = true;
  return method;
}

}  // namespace

std::vector<MethodInfo> lwm_methods() {
  return methods_of({"lwm",
                     "Learning without Memorizing: LwF and attention (--attention-weight)",
                     "Dhar et al., CVPR 2019, eq. 2 and 3; docs/methods/lwm.md#attention-distillation",
                     {"L = L_lwf + attention_weight L_AD, L_AD = the distance of the two models' attention maps",
                      "L = L_lwf-s + attention_weight L_AD", "L = L_lwf-sr + attention_weight L_AD",
                      "L = L_lwf-br + attention_weight L_AD", "L = L_lwf-br2 + attention_weight L_AD",
                      "L = L_lwf-bsr + attention_weight L_AD"},
                     lwm_options,
                     lwm});
}

}  // namespace mneme::methods
