// PODNet: Douillard et al., "PODNet: Pooled Outputs Distillation for Small-Tasks Incremental Learning", ECCV 2020, and
// the variant of "Balanced Softmax Cross-Entropy for Incremental Learning": docs/methods/podnet.md#loss.
//
//   L = NCA(eta s, y) + sqrt(N / n_t) (lambda POD-spatial + flat weight POD-flat)
//
// The scores s are of ten proxies per class, which start as clusters of the class's images; the network has no ReLUs
// after its additions. The proxies of old classes are fixed in the main stage. In a second stage all proxies, and
// nothing else, learn on equally many images of every class.
//
// POD-spatial, POD-flat (1 - cos) and s are as released (docs/methods/podnet.md#departures). NCA is the paper's (eq.
// 5), or with --as-released the code's, which is cross-entropy wherever the label is the likeliest class. The code also
// clips gradients by value (--clip-value 5), jitters brightness (--brightness 0.247) and lets the cosine schedule come
// late (--lr-lag 1).

#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/building_blocks.h"

namespace mneme::methods {
namespace {

struct PodnetOptions {
  double flat_weight = 1;
};

constexpr Option flat_weight = option<&PodnetOptions::flat_weight>(
    "--flat-weight", "Weight of POD-flat; --lambda is the weight of POD-spatial", at_least(0));

/// Class-balance finetuning at a constant 0.05, unless --balanced-lr gives another rate. Batch norm does as in the main
/// stage, so that its running statistics become those of balanced images.
bool proxy_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& o) {
  const bool batch_statistics = stage.batch_statistics;
  const bool possible = class_balance_finetuning(stage, task, o);
  stage.batch_statistics = batch_statistics;
  stage.options.learning_rate = o.get<BalancedFinetuningOptions>().balanced_lr.value_or(0.05);
  stage.options.schedule = ScheduleKind::constant;
  stage.objective.distillation.clear();  // no term of the distillation depends on the proxies
  return possible;
}

/// The finetuning of SS-IL's suite: as above, but at the learning rate 0.01 without momentum, on the exemplars and the
/// first new images (docs/methods/ss-il.md#podnet).
bool finetuning_of_suite(Stage& stage, const TaskContext& task, const MethodOptions& o) {
  const bool possible = proxy_finetuning(stage, task, o);
  stage.chosen_by = Selection::first;
  stage.balancing = Balancing::smallest;
  stage.options.learning_rate = o.get<BalancedFinetuningOptions>().balanced_lr.value_or(0.01);
  stage.options.sgd.momentum = 0;
  return possible;
}

Method podnet(const MethodOptions& o) {
  const SharedOptions& shared = o.get<SharedOptions>();
  const Growth growth = shared.fixed_lambda ? nullptr : all_per_new;
  Method method;
  method.description =
      "PODNet (Douillard et al. 2020): pooled maps and features' directions kept, classes known by several proxies, "
      "then "
      "finetuning on balanced images.";
  method.network = {.classifier = ClassifierKind::proxies, .last_relu = false, .signed_blocks = true};
  method.exemplars = ExemplarNeed::expected;
  method.trainable = Trainable::old_classes_rest;
  method.imprints = true;
  method.warm_up = current_cross_entropy_of_cosines();
  method.prediction = {{"NCA", 1, shared.as_released ? nca_term_as_released() : nca_term(o.get<NcaOptions>().delta)}};
  method.validation = method.prediction;
  method.distillation = {{"POD-spatial", shared.lambda.value_or(3), pod_spatial_term(), growth},
                         {"POD-flat", o.get<PodnetOptions>().flat_weight, less_forget(), growth}};
  method.later_stages = {[o](Stage& stage, const TaskContext& task) { return proxy_finetuning(stage, task, o); }};
  return method;
}

/// PODNet w/ BalancedS-CE: the loss counts classes, and no second stage follows
/// (docs/methods/balanced-softmax.md#lucir-and-podnet-with-balanced-softmax).
Method podnet_balanced(const MethodOptions& o) {
  Method method = podnet(o);
  method.description =
      "PODNet (Douillard et al. 2020) with balanced softmax in place of NCA and of balanced finetuning.";
  method.prediction = {{"balanced softmax", 1, balanced_softmax(o.get<BalancedSoftmaxOptions>().alpha)}};
  method.validation = method.prediction;
  method.later_stages.clear();
  return method;
}

/// PODNet of SS-IL's suite, on that suite's networks (docs/methods/ss-il.md#podnet). The weights 8 and 10 (times
/// --flat-weight) do not grow; rows and columns are normalised apart; POD-flat is || f/||f|| - fh/||fh|| ||^2, which is
/// twice our 1 - cos; NCA is the released code's; every task begins with the scale 1; proxies start as clusters of
/// augmented images.
Method podnet_ss_il(const MethodOptions& o) {
  Method method = podnet(o);
  method.description =
      "PODNet (Douillard et al. 2020) as SS-IL's comparison runs it: rows and columns apart, weights that do not grow, "
      "then finetuning on balanced images.";
  method.network = {.classifier = ClassifierKind::proxies, .last_relu = false, .signed_maps = true};
  method.exemplars = ExemplarNeed::required;
  method.imprints_augmented = method.resets_classifier = true;
  method.prediction = {{"NCA", 1, nca_term_as_released()}};
  method.validation = method.prediction;
  method.distillation = {{"POD-spatial", o.get<SharedOptions>().lambda.value_or(8), pod_spatial_term(true)},
                         {"POD-flat", 2 * 10 * o.get<PodnetOptions>().flat_weight, less_forget()}};
  method.later_stages = {[o](Stage& stage, const TaskContext& task) { return finetuning_of_suite(stage, task, o); }};
  return method;
}

}  // namespace

std::vector<MethodInfo> podnet_methods() {
  return {{"podnet",
           "pooled maps kept (--lambda), several proxies per class, NCA (--delta)",
           "L = NCA + sqrt(N / n_t) (lambda POD-spatial + flat_weight POD-flat); then proxies learn on balanced images",
           "Douillard et al., ECCV 2020, eq. 3 to 5; docs/methods/podnet.md#loss",
           {row::lambda, flat_weight, row::fixed_lambda, row::delta, row::balanced_epochs, row::balanced_lr,
            row::as_released},
           podnet},
          {"podnet-balanced",
           "podnet with balanced softmax (--alpha)",
           "L = balanced softmax + sqrt(N / n_t) (lambda POD-spatial + flat_weight POD-flat)",
           "Douillard et al., ECCV 2020; docs/methods/balanced-softmax.md#lucir-and-podnet-with-balanced-softmax",
           {row::lambda, flat_weight, row::fixed_lambda, row::alpha},
           podnet_balanced},
          {"podnet-ss-il",
           "podnet as compared with ss-il: rows and columns apart",
           "L = NCA + lambda POD-spatial + 20 flat_weight POD-flat; then proxies learn on balanced images",
           "Douillard et al., ECCV 2020, in SS-IL's suite; docs/methods/ss-il.md#podnet",
           {row::lambda, flat_weight, row::balanced_epochs, row::balanced_lr},
           podnet_ss_il}};
}

}  // namespace mneme::methods
