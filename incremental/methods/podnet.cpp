// PODNet: Douillard et al., "PODNet: Pooled Outputs Distillation for Small-Tasks Incremental Learning", ECCV 2020, and
// the variant of "Balanced Softmax Cross-Entropy for Incremental Learning": docs/methods/podnet.md#loss.
//
//   L = NCA(eta s, y) + sqrt(N / n_t) (lambda POD-spatial + flat weight POD-flat)
//
// for scores s of ten proxies per class, which start as clusters of the class's images, on a network without ReLUs
// after its additions. Old proxies rest until, in a second round, all proxies alone learn on equally many images of
// every class.
//
// POD-spatial, POD-flat (1 - cos) and s are as released: docs/methods/podnet.md#departures. NCA is the paper's, or with
// --as-released the code's, which is cross-entropy wherever the label is the likeliest class. The code also clamps
// gradients (--clip-value 5), jitters brightness (--brightness 0.247) and lets the cosine schedule come late (--lr-lag 1).

#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/balanced_finetuning.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {
namespace {

/// Class-balance finetuning at a constant 0.05 (unless --balanced-lr says otherwise), with batch norm as in the main
/// round: its running statistics come to be those of balanced images.
bool proxy_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& o) {
  const bool batch_statistics = stage.batch_statistics;
  const bool possible = class_balance_finetuning(stage, task, o);
  stage.batch_statistics = batch_statistics;
  stage.options.learning_rate = o.balanced_rate.value_or(0.05);
  stage.options.schedule = ScheduleKind::constant;
  stage.objective.distillation.clear();  // none of it depends on proxies
  return possible;
}

/// The same at 0.01 without momentum, on the exemplars and the first new images.
bool finetuning_of_suite(Stage& stage, const TaskContext& task, const MethodOptions& o) {
  const bool possible = proxy_finetuning(stage, task, o);
  stage.chosen_by = Selection::first;
  stage.balancing = Balancing::smallest;
  stage.options.learning_rate = o.balanced_rate.value_or(0.01);
  stage.options.sgd.momentum = 0;
  return possible;
}

}  // namespace

Method podnet(const MethodOptions& o) {
  const Growth growth = o.fixed_lambda ? nullptr : all_per_new;
  Method r;
  r.description =
      "PODNet (Douillard et al. 2020): pooled maps and features' directions kept, classes known by several proxies, "
      "then "
      "finetuning on balanced images.";
  r.network = {.classifier = ClassifierKind::proxies, .last_relu = false, .signed_blocks = true};
  r.exemplars = ExemplarNeed::expected;
  r.trainable = Trainable::old_classes_rest;
  r.imprints = true;
  r.warm_up = current_cross_entropy_of_cosines();
  r.prediction = {{"NCA", 1, o.as_released ? nca_term_as_released() : nca_term(o.delta)}};
  r.validation = r.prediction;
  r.distillation = {{"POD-spatial", o.lambda.value_or(3), pod_spatial_term(), growth},
                    {"POD-flat", o.flat_weight, less_forget(), growth}};
  r.later_stages = {[o](Stage& stage, const TaskContext& task) { return proxy_finetuning(stage, task, o); }};
  return r;
}

/// PODNet w/ BalancedS-CE: its loss counts classes, and no second round follows.
Method podnet_balanced(const MethodOptions& o) {
  Method r = podnet(o);
  r.description = "PODNet (Douillard et al. 2020) with balanced softmax in place of NCA and of balanced finetuning.";
  r.prediction = {{"balanced softmax", 1, balanced_softmax(o.alpha)}};
  r.validation = r.prediction;
  r.later_stages.clear();
  return r;
}

/// PODNet of SS-IL's suite (docs/methods/ss-il.md#podnet), on that suite's networks: weights 8 and 10 (times
/// --flat-weight) do not grow; rows and columns are normalised apart; POD-flat is || f/||f|| - fh/||fh|| ||^2, twice
/// our 1 - cos; NCA is the released code's; every task begins with the scale 1; proxies start as clusters of augmented
/// images.
Method podnet_ss_il(const MethodOptions& o) {
  Method r = podnet(o);
  r.description =
      "PODNet (Douillard et al. 2020) as SS-IL's comparison runs it: rows and columns apart, weights that do not grow, "
      "then finetuning on balanced images.";
  r.network = {.classifier = ClassifierKind::proxies, .last_relu = false, .signed_maps = true};
  r.exemplars = ExemplarNeed::required;
  r.imprints_augmented = r.resets_classifier = true;
  r.prediction = {{"NCA", 1, nca_term_as_released()}};
  r.validation = r.prediction;
  r.distillation = {{"POD-spatial", o.lambda.value_or(8), pod_spatial_term(true)},
                    {"POD-flat", 2 * 10 * o.flat_weight, less_forget()}};
  r.later_stages = {[o](Stage& stage, const TaskContext& task) { return finetuning_of_suite(stage, task, o); }};
  return r;
}

}  // namespace mneme::methods
