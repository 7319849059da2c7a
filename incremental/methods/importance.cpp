// Methods that hold each of the backbone's parameters as strongly as it mattered to earlier tasks: EWC, SI, MAS and
// RWalk. L = CE of finetuning + a penalty. The formulas stand in incremental/regularisers/importance.h, the sources in
// docs/methods/importance-regularisers.md#penalty.

#include "incremental/regularisers/importance.h"

#include "incremental/methods/building_blocks.h"

namespace mneme {

/// Reads the value of --fisher-labels.
static void read_name(const std::string& text, FisherLabels& labels) { labels = fisher_labels_named(text); }

}  // namespace mneme

namespace mneme::methods {
namespace {

/// The options of all four methods; each method lists those that it uses.
struct ImportanceMethodOptions {
  double importance_alpha = 0.5;  ///< share of the importance before; -1: N_old / N
  double damping = 0.1;           ///< xi
  int importance_images = 0;      ///< images looked at after a task; 0: all
  FisherLabels fisher_labels = FisherLabels::predicted;
};

constexpr Option importance_alpha = option<&ImportanceMethodOptions::importance_alpha>(
    "--importance-alpha", "Share of the importance before (-1: the share of old classes)", share().or_value(-1));
constexpr Option damping = option<&ImportanceMethodOptions::damping>(
    "--damping", "Keeps importances finite where no parameter moved", above(0));
constexpr Option importance_images = option<&ImportanceMethodOptions::importance_images>(
    "--importance-images", "Images looked at after a task (0: all)", at_least(0));
constexpr Option fisher_labels = option<&ImportanceMethodOptions::fisher_labels>(
    "--fisher-labels", "Labels of the Fisher information: predicted, true or drawn");

/// A paper's weight lambda: its default, the start of a grid search, and whether the paper writes it with a factor 1/2.
struct Strength {
  double lambda, search_from;
  bool halved;
};

/// Finetuning with such a penalty.
Method holding(const MethodOptions& options, const Strength& strength,
               RegulariserPointer (*make)(const ImportanceOptions&), const char* description) {
  const ImportanceMethodOptions& o = options.get<ImportanceMethodOptions>();
  const SharedOptions& shared = options.get<SharedOptions>();
  Method method = finetuning(options);
  method.description = description;
  const double weight = shared.lambda.value_or(strength.lambda);
  method.search_from = shared.lambda.value_or(strength.search_from);
  method.regularisers = {{"importance", make({.strength = strength.halved ? weight : 2 * weight,
                                              .alpha = o.importance_alpha,
                                              .labels = o.fisher_labels,
                                              .images = o.importance_images,
                                              .damping = o.damping,
                                              .as_released = shared.as_released})}};
  return method;
}

/// FACIL's 5000 goes with squared gradients of whole batches of 64 images, whose mean is 1/64 of the mean of squared
/// gradients of single images (docs/methods/importance-regularisers.md#ewc).
Method ewc(const MethodOptions& o) {
  const double batch = o.get<SharedOptions>().as_released ? 1 : 64;
  return holding(
      o, {5000 / batch, 10000 / batch, true}, fisher_penalty,
      "Elastic weight consolidation (Kirkpatrick et al. 2017): weights are held by their Fisher information.");
}

Method si(const MethodOptions& o) {
  return holding(o, {0.1, 10, false}, path_penalty,
                 "Synaptic intelligence (Zenke et al. 2017): weights are held by what they did for the loss.");
}

Method mas(const MethodOptions& o) {
  return holding(
      o, {1, 400, true}, sensitivity_penalty,
      "Memory aware synapses (Aljundi et al. 2018): weights are held by how much the outputs depend on them.");
}

Method rwalk(const MethodOptions& o) {
  return holding(o, {1, 20, false}, walk_penalty,
                 "Riemannian walk (Chaudhry et al. 2018): Fisher information and path importance together.");
}

}  // namespace

std::vector<MethodInfo> importance_methods() {
  return {
      {"ewc",
       "elastic weight consolidation: Fisher information",
       "L = CE + lambda/2 sum_k F_k (theta_k - theta*_k)^2, F = mean of squared gradients of log p(y | x)",
       "Kirkpatrick et al., PNAS 2017, eq. 3; docs/methods/importance-regularisers.md#ewc",
       {row::lambda, importance_alpha, importance_images, fisher_labels, row::as_released, all_outputs_row},
       ewc},
      {"si",
       "synaptic intelligence: path integral",
       "L = CE + lambda sum_k Omega_k (theta_k - theta*_k)^2, Omega = the loss's fall along the path / (move^2 + xi)",
       "Zenke et al., ICML 2017, eq. 4 and 5; docs/methods/importance-regularisers.md#si",
       {row::lambda, damping, row::as_released, all_outputs_row},
       si},
      {"mas",
       "memory aware synapses: sensitivity of the outputs",
       "L = CE + lambda/2 sum_k Omega_k (theta_k - theta*_k)^2, Omega = mean |d ||Z||^2 / d theta_k|",
       "Aljundi et al., ECCV 2018, eq. 2; docs/methods/importance-regularisers.md#mas",
       {row::lambda, importance_alpha, importance_images, row::as_released, all_outputs_row},
       mas},
      {"rwalk",
       "Riemannian walk: Fisher information and path",
       "L = CE + lambda sum_k (F_k + s_k) (theta_k - theta*_k)^2, s = the path score",
       "Chaudhry et al., ECCV 2018, eq. 8 to 10; docs/methods/importance-regularisers.md#rwalk",
       {row::lambda, importance_alpha, damping, importance_images, fisher_labels, row::as_released, all_outputs_row},
       rwalk}};
}

}  // namespace mneme::methods
