// LUCIR: Hou et al., "Learning a Unified Classifier Incrementally via Rebalancing", CVPR 2019, and the variants of
// "Rethinking softmax in incremental learning": docs/methods/lucir.md#loss and docs/methods/lucir.md#variants.
//
//   L = lambda_t D + CE(eta s over all classes) + margin weight MR,   lambda_t = lambda sqrt(N_old / n_t)
//
//   lucir      LF                 lucir-s    gamma1 S                 lucir-sr   LF + gamma1 S
//   lucir-br   LF + gammaB Bn     lucir-br2  LF + gammaB Bn, + BPL    lucir-bsr  LF + gamma1 S + gammaB Bn
//
// LF less-forget, MR margin ranking, S (T = 1) and Bn of the scaled scores eta s. Only -sr, -br2 and -bsr were
// released, and the latter two cut the batch where they meant to cut the classes; what is left of them, as their
// gradients are, is -br2: LF + Bf, + BPL and -bsr: 2 LF + Bf, with Bf binary distillation of features. Our -s and -br
// and the forms above follow LwF's by analogy. Left out of FACIL's code and offered here: imprinting, and class-balance
// finetuning (20 epochs in the paper).

#include "incremental/losses/distill.h"
#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/balanced_finetuning.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {
namespace {

/// D as the released code computes it.
void add_released(Method& r, const MethodOptions& o, const Variant& v, double w, Growth growth) {
  const bool released = v.joint && (!v.binary || v.separated || v.binary_prediction);
  if (!released) fail_usage("lucir{} was never released: leave out --as-released", v.suffix);
  r.distillation.push_back({"LF", v.binary && v.separated ? 2 * w : w, less_forget(), growth});
  if (v.binary) r.distillation.push_back({"Bf", w, binary_feature_distillation(), growth});
  if (v.separated && !v.binary)
    r.distillation.push_back({"S", w * o.gamma1, separated_distillation({.temperature = 1, .eps = o.eps}), growth});
}

void add_distillation(Method& r, const MethodOptions& o, const Variant& v, double w, Growth growth) {
  if (v.joint) r.distillation.push_back({"LF", w, less_forget(), growth});
  if (v.separated)
    r.distillation.push_back({"S", w * o.gamma1, separated_distillation({.temperature = 1, .eps = o.eps}), growth});
  if (v.binary) r.distillation.push_back({"Bn", w * o.gamma_binary, binary_distillation_per_task(), growth});
}

}  // namespace

Method lucir(const MethodOptions& o, const Variant& v) {
  const double w = o.lambda.value_or(5);
  const Growth growth = o.fixed_lambda ? nullptr : old_per_new;
  Method r;
  r.description = "LUCIR (Hou et al. 2019): cosine scores, old features' directions kept, a margin around old classes";
  r.network = {.classifier = ClassifierKind::cosine, .last_relu = false};
  r.exemplars = ExemplarNeed::expected;
  r.search_from = o.lambda.value_or(10);
  r.imprints = o.imprint;
  r.warm_up = current_cross_entropy_of_cosines();
  r.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  r.validation = r.prediction;
  if (o.margin_weight > 0)
    r.prediction.push_back(
        {"margin", o.margin_weight, margin_ranking_term({.margin = o.margin, .hardest = o.margin_classes})});
  if (o.no_less_forget) {
    r.trainable = Trainable::all;
    r.distillation = {{"cosines", w, cosine_mimicking(), growth}};
  } else {
    r.trainable = Trainable::old_classes_rest;
    (o.as_released ? add_released : add_distillation)(r, o, v, w, growth);
    if (v.binary_prediction)
      r.prediction.push_back({"BPL", 1, binary_prediction_term({.all_heads = true, .from_second_task = true})});
  }
  if (o.balanced_epochs > 0)
    r.later_stages = {[o](Stage& stage, const TaskContext& task) { return class_balance_finetuning(stage, task, o); }};
  return r;
}

/// LUCIR w/ BalancedS-CE: its cross-entropy counts classes, and no second stage follows:
/// docs/methods/balanced-softmax.md#lucir-and-podnet-with-balanced-softmax.
Method lucir_balanced(const MethodOptions& o) {
  Method r = lucir(o, plain);
  r.description = "LUCIR (Hou et al. 2019) with balanced softmax in place of its cross-entropy.";
  r.prediction[0] = {"balanced softmax", 1, balanced_softmax(o.alpha)};
  r.validation = {r.prediction[0]};
  r.later_stages.clear();
  return r;
}

/// LUCIR of SS-IL's suite: lambda 10 and imprinted weights, of training images as they are; the released code imprints
/// test images by mistake: docs/methods/ss-il.md#lucir.
Method lucir_ss_il(const MethodOptions& o) {
  MethodOptions suite = o;
  suite.lambda = o.lambda.value_or(10);
  suite.imprint = true;
  Method r = lucir(suite, plain);
  r.description += ", as SS-IL's comparison runs it.";
  r.exemplars = ExemplarNeed::required;
  return r;
}

}  // namespace mneme::methods
