// LUCIR: Hou et al., "Learning a Unified Classifier Incrementally via Rebalancing", CVPR 2019, and the variants of
// "Rethinking softmax in incremental learning": docs/methods/lucir.md#loss and docs/methods/lucir.md#variants.
//
//   L = lambda_t D + CE(eta s over all classes) + margin weight MR,   lambda_t = lambda sqrt(N_old / n_t)
//
//   lucir      LF                 lucir-s    gamma1 S                 lucir-sr   LF + gamma1 S
//   lucir-br   LF + gammaB Bn     lucir-br2  LF + gammaB Bn, + BPL    lucir-bsr  LF + gamma1 S + gammaB Bn
//
// LF is less-forget (eq. 6), MR margin ranking (eq. 8), S (T = 1) and Bn are of the scaled scores eta s. Only -sr, -br2
// and -bsr were released, and the code of the latter two cuts the batch where it meant to cut the classes. What is left
// of them, judged by their gradients, is -br2: LF + Bf, + BPL and -bsr: 2 LF + Bf, where Bf is binary distillation of
// features (docs/methods/lucir.md#variants-in-the-released-code). Our -s and -br, and the forms above, follow LwF's by
// analogy. FACIL's code leaves out imprinting and class-balance finetuning (20 epochs in the paper); both are options
// here.

#include "incremental/losses/distill.h"
#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/building_blocks.h"

namespace mneme::methods {
namespace {

struct LucirOptions {
  double gamma1 = 0.1, gamma_binary = 0.1;  ///< shares of per-task and of binary distillation
  double margin_weight = 1, margin = 0.5;
  int margin_classes = 2;           ///< K
  bool remove_less_forget = false;  ///< the cosines of old classes are kept instead of the directions of features
  bool imprint = false;
};

constexpr Option gamma1 = option<&LucirOptions::gamma1>("--gamma1", "Share of per-task distillation", at_least(0));
constexpr Option gamma_binary =
    option<&LucirOptions::gamma_binary>("--gamma-binary", "Share of binary distillation", at_least(0));
constexpr Option margin_weight =
    option<&LucirOptions::margin_weight>("--margin-weight", "Weight of the margin ranking (0: none)", at_least(0));
constexpr Option margin = option<&LucirOptions::margin>("--margin", "Margin of the margin ranking", at_least(0));
constexpr Option margin_classes = option<&LucirOptions::margin_classes>(
    "--margin-classes", "How many new classes each old image is held away from", at_least(1));
constexpr Option remove_less_forget = option<&LucirOptions::remove_less_forget>(
    "--remove-less-forget", "Keep the scores of old classes instead of the directions of features");
constexpr Option imprint =
    option<&LucirOptions::imprint>("--imprint", "New classes' weights start as the means of their images' features");

/// D as the released code computes it.
void add_released(Method& method, const MethodOptions& options, const Variant& v, double w, Growth growth) {
  const bool released = v.joint && (!v.binary || v.separated || v.binary_prediction);
  if (!released) fail_usage("lucir{} was never released: leave out --as-released", v.suffix);
  method.distillation.push_back(
      {"less-forget distillation", v.binary && v.separated ? 2 * w : w, less_forget(), growth});
  if (v.binary)
    method.distillation.push_back({"binary feature distillation", w, binary_feature_distillation(), growth});
  if (v.separated && !v.binary)
    method.distillation.push_back({"separated distillation", w * options.get<LucirOptions>().gamma1,
                                   separated_distillation({.temperature = 1, .eps = options.get<SharedOptions>().eps}),
                                   growth});
}

void add_distillation(Method& method, const MethodOptions& options, const Variant& v, double w, Growth growth) {
  const LucirOptions& o = options.get<LucirOptions>();
  if (v.joint) method.distillation.push_back({"less-forget distillation", w, less_forget(), growth});
  if (v.separated)
    method.distillation.push_back({"separated distillation", w * o.gamma1,
                                   separated_distillation({.temperature = 1, .eps = options.get<SharedOptions>().eps}),
                                   growth});
  if (v.binary)
    method.distillation.push_back({"binary distillation", w * o.gamma_binary, binary_distillation_per_task(), growth});
}

Method lucir(const MethodOptions& options, const Variant& v) {
  const LucirOptions& o = options.get<LucirOptions>();
  const SharedOptions& shared = options.get<SharedOptions>();
  const double w = shared.lambda.value_or(5);
  const Growth growth = shared.fixed_lambda ? nullptr : old_per_new;
  Method method;
  method.description =
      "LUCIR (Hou et al. 2019): cosine scores, old features' directions kept, a margin around old classes";
  method.network = {.classifier = ClassifierKind::cosine, .last_relu = false};
  method.exemplars = ExemplarNeed::expected;
  method.search_from = shared.lambda.value_or(10);
  method.imprints = o.imprint;
  method.warm_up = current_cross_entropy_of_cosines();
  method.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  method.validation = method.prediction;
  if (o.margin_weight > 0)
    method.prediction.push_back(
        {"margin", o.margin_weight, margin_ranking_term({.margin = o.margin, .hardest = o.margin_classes})});
  if (o.remove_less_forget) {
    method.trainable = Trainable::all;
    method.distillation = {{"cosine distillation", w, cosine_mimicking(), growth}};
  } else {
    method.trainable = Trainable::old_classes_rest;
    (shared.as_released ? add_released : add_distillation)(method, options, v, w, growth);
    if (v.binary_prediction)
      method.prediction.push_back(
          {"binary prediction", 1, binary_prediction_term({.all_heads = true, .from_second_task = true})});
  }
  if (options.get<BalancedFinetuningOptions>().balanced_epochs > 0)
    method.later_stages = {
        [options](Stage& stage, const TaskContext& task) { return class_balance_finetuning(stage, task, options); }};
  return method;
}

/// LUCIR w/ BalancedS-CE: the cross-entropy counts classes, and no second stage follows
/// (docs/methods/balanced-softmax.md#lucir-and-podnet-with-balanced-softmax).
Method lucir_balanced(const MethodOptions& o) {
  Method method = lucir(o, plain);
  method.description = "LUCIR (Hou et al. 2019) with balanced softmax in place of its cross-entropy.";
  method.prediction[0] = {"balanced softmax", 1, balanced_softmax(o.get<BalancedSoftmaxOptions>().alpha)};
  method.validation = {method.prediction[0]};
  method.later_stages.clear();
  return method;
}

/// LUCIR of SS-IL's suite: lambda 10, and weights imprinted from training images without augmentation. The released
/// code imprints test images by mistake (docs/methods/ss-il.md#lucir). As released, the margin ranking trains the scale
/// of the scores as well.
Method lucir_ss_il(const MethodOptions& o) {
  MethodOptions suite = o;
  suite.get<SharedOptions>().lambda = o.get<SharedOptions>().lambda.value_or(10);
  suite.get<LucirOptions>().imprint = true;
  Method method = lucir(suite, plain);
  const LucirOptions& own = o.get<LucirOptions>();
  for (WeightedTerm& term : method.prediction)
    if (term.name == "margin" && o.get<SharedOptions>().as_released)
      term.term = margin_ranking_term({own.margin, own.margin_classes, true});
  method.description += ", as SS-IL's comparison runs it.";
  method.exemplars = ExemplarNeed::required;
  return method;
}

std::vector<Option> lucir_options(const Variant& v) {
  std::vector<Option> rows = {row::lambda, row::fixed_lambda, margin_weight, margin, margin_classes};
  if (v.separated) rows.insert(rows.end(), {gamma1, row::eps});
  if (v.binary) rows.push_back(gamma_binary);
  rows.insert(rows.end(), {remove_less_forget, imprint, row::balanced_epochs, row::balanced_lr, row::as_released});
  return rows;
}

}  // namespace

std::vector<MethodInfo> lucir_methods() {
  std::vector<MethodInfo> all = methods_of(
      {"lucir",
       "cosine scores, kept feature directions, margin ranking (--margin ...)",
       "Hou et al., CVPR 2019, eq. 6 to 8, and Rethinking softmax, Neural Networks 2025; docs/methods/lucir.md#loss",
       {"L = CE + lambda_t LF + margin_weight MR, lambda_t = lambda sqrt(N_old / n_t),\n"
        "LF = 1 - cos of old and new features, MR = margin ranking",
        "L = CE + lambda_t gamma1 S + margin_weight MR, S = sum over old tasks of KD_1",
        "L = CE + lambda_t (LF + gamma1 S) + margin_weight MR",
        "L = CE + lambda_t (LF + gamma_binary Bn) + margin_weight MR, Bn = binary distillation of every old score",
        "L = CE + BPL + lambda_t (LF + gamma_binary Bn) + margin_weight MR, BPL = binary prediction",
        "L = CE + lambda_t (LF + gamma1 S + gamma_binary Bn) + margin_weight MR"},
       lucir_options,
       lucir});
  all.push_back(
      {"lucir-balanced",
       "lucir with balanced softmax (--alpha)",
       "L = balanced softmax + lambda_t LF + margin_weight MR, lambda_t = lambda sqrt(N_old / n_t)",
       "Hou et al., CVPR 2019; docs/methods/balanced-softmax.md#lucir-and-podnet-with-balanced-softmax",
       {row::lambda, row::fixed_lambda, row::alpha, margin_weight, margin, margin_classes, remove_less_forget, imprint},
       lucir_balanced});
  all.push_back({"lucir-ss-il",
                 "lucir as compared with ss-il: weight 10, imprinted",
                 "L as in lucir, with lambda 10 and imprinted weights",
                 "Hou et al., CVPR 2019, in SS-IL's suite; docs/methods/ss-il.md#lucir",
                 {row::lambda, row::fixed_lambda, margin_weight, margin, margin_classes, remove_less_forget,
                  row::balanced_epochs, row::balanced_lr, row::as_released},
                 lucir_ss_il});
  return all;
}

}  // namespace mneme::methods
