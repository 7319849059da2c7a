// IL-Baseline and BalancedS-CE: "Balanced Softmax Cross-Entropy for Incremental Learning". L = rho L_d + (1 - rho) L_c
// with rho = N_old / N and T^2 in the distillation; balanced softmax replaces L_c alone:
// docs/methods/balanced-softmax.md#il-baseline. The other corrections of that paper's Table 4 are slots: --sampler
// memory or classes, --prediction rescaled, separated (with --sampler memory), --second-stage balanced.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"
#include "incremental/methods/slots.h"

namespace mneme::methods {

Method il_baseline(const MethodOptions& options) {
  Method r;
  r.description =
      "Rehearsal with distillation weighted by the share of old classes, and no bias correction (IL-Baseline).";
  r.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  r.distillation = {{"KD", options.lambda.value_or(1),
                     joint_distillation({.temperature = options.temperature, .eps = 0, .squared = true})}};
  r.balance = Balance::rho;
  r.trainable = Trainable::all;
  r.exemplars = ExemplarNeed::required;
  return r;
}

Method il_baseline_balanced(const MethodOptions& options) {
  Method r = il_baseline(options);
  r.description =
      "IL-Baseline with balanced softmax: class counts join the softmax while training, and leave it for predictions.";
  r.prediction = {{"balanced softmax", 1, balanced_softmax(options.alpha)}};
  return r;
}

Method il_baseline_meta(const MethodOptions& options) {
  Method r = il_baseline(options);
  apply({.prediction = "learned-balanced-softmax"}, options, r);
  r.description =
      "IL-Baseline with balanced softmax whose weight of old classes is learned by looking ahead (Meta-BalancedS-CE).";
  return r;
}

}  // namespace mneme::methods
