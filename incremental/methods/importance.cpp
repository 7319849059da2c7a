// Methods that hold each of the backbone's parameters as strongly as it mattered to earlier tasks: EWC, SI, MAS and
// RWalk. L = Cur + a penalty; the formulas stand in incremental/regularisers/importance.h, the sources in
// docs/methods/importance-regularisers.md#penalty.

#include "incremental/regularisers/importance.h"

#include "incremental/methods/makers.h"

namespace mneme::methods {
namespace {

/// The weight lambda of a paper, with or without a factor 1/2, and where a search of it starts.
struct Strength {
  double lambda, search_from;
  bool halved;
};

/// Finetuning with such a penalty.
Method holding(const MethodOptions& o, const Strength& strength, RegulariserPointer (*make)(const ImportanceOptions&),
               const char* description) {
  Method r = finetuning(o);
  r.description = description;
  const double weight = o.lambda.value_or(strength.lambda);
  r.search_from = o.lambda.value_or(strength.search_from);
  r.regularisers = {{"importance", make({.strength = strength.halved ? weight : 2 * weight,
                                         .alpha = o.importance_alpha,
                                         .labels = o.fisher_labels,
                                         .images = o.importance_images,
                                         .damping = o.damping,
                                         .as_released = o.as_released})}};
  return r;
}

}  // namespace

/// FACIL's 5000 goes with squared gradients of whole batches, 64 images by default, whose mean is 1/64 of that of
/// images one by one.
Method ewc(const MethodOptions& o) {
  const double batch = o.as_released ? 1 : 64;
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
      "Memory aware synapses (Aljundi et al. 2018): weights are held by how much the answers depend on them.");
}

Method rwalk(const MethodOptions& o) {
  return holding(o, {1, 20, false}, walk_penalty,
                 "Riemannian walk (Chaudhry et al. 2018): Fisher information and path importance together.");
}

}  // namespace mneme::methods
