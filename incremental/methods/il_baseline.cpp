// IL-Baseline and BalancedS-CE: "Balanced Softmax Cross-Entropy for Incremental Learning":
// docs/methods/balanced-softmax.md#il-baseline.
//
//   L = rho T^2 KD_T + (1 - rho) L_c,   rho = N_old / N
//
// L_c is cross-entropy in IL-Baseline, and balanced softmax in the other two methods. The other corrections of that
// paper's Table 4 are slots (slots.h): --sampler memory or classes, --prediction rescaled, --prediction separated with
// --sampler memory, and --second-stage balanced.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/slots.h"
#include "incremental/options/shared_options.h"

namespace mneme::methods {
namespace {

Method il_baseline(const MethodOptions& options) {
  const SharedOptions& shared = options.get<SharedOptions>();
  Method method;
  method.description =
      "Replay with distillation weighted by the share of old classes, and no bias correction (IL-Baseline).";
  method.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  method.distillation = {{"distillation", shared.lambda.value_or(1),
                          joint_distillation({.temperature = shared.temperature, .eps = 0, .squared = true})}};
  method.balance = Balance::rho;
  method.trainable = Trainable::all;
  method.exemplars = ExemplarNeed::required;
  return method;
}

Method il_baseline_balanced(const MethodOptions& options) {
  Method method = il_baseline(options);
  method.description =
      "IL-Baseline with balanced softmax: class counts join the softmax while training, and leave it for predictions.";
  method.prediction = {{"balanced softmax", 1, balanced_softmax(options.get<BalancedSoftmaxOptions>().alpha)}};
  return method;
}

Method il_baseline_meta(const MethodOptions& options) {
  Method method = il_baseline(options);
  apply({.prediction = "learned-balanced-softmax"}, options, method);
  method.description =
      "IL-Baseline with balanced softmax whose weight of old classes is learned by a meta-gradient "
      "(Meta-BalancedS-CE).";
  return method;
}

}  // namespace

std::vector<MethodInfo> il_baseline_methods() {
  return {
      {"il-baseline",
       "replay and distillation, weighted by the share of old classes",
       "L = rho T^2 KD_T + (1 - rho) CE, rho = N_old / N",
       "Balanced Softmax Cross-Entropy for Incremental Learning; docs/methods/balanced-softmax.md#il-baseline",
       {row::lambda, row::temperature},
       il_baseline},
      {"il-baseline-balanced",
       "il-baseline with balanced softmax (--alpha)",
       "L = rho T^2 KD_T + (1 - rho) balanced softmax, whose old classes count alpha n_k images",
       "Balanced Softmax Cross-Entropy for Incremental Learning; docs/methods/balanced-softmax.md#alpha",
       {row::lambda, row::temperature, row::alpha},
       il_baseline_balanced},
      {"il-baseline-meta",
       "il-baseline with balanced softmax, alpha learned by a meta-gradient (--alpha-optimizer, --alpha-lr)",
       "L as in il-baseline-balanced; alpha takes steps of Adam against the loss of held-out images after the next "
       "step",
       "Balanced Softmax Cross-Entropy for Incremental Learning; docs/methods/balanced-softmax.md#meta-balanceds-ce",
       {row::lambda, row::temperature, row::alpha_optimizer, row::alpha_lr, row::alpha_period,
        row::validation_exemplars},
       il_baseline_meta}};
}

}  // namespace mneme::methods
