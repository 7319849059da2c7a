// Methods that hold each of the backbone's parameters as strongly as it mattered to earlier tasks: EWC, SI, MAS and
// RWalk. L = Cur + a penalty; the formulas stand in incremental/regularisers/importance.h. Spec: distillation 11.5.

#include "incremental/regularisers/importance.h"

#include "incremental/methods/recipes.h"

namespace mneme::methods {
namespace {

/// Finetuning with such a penalty. The papers' weights lambda are with or without a factor 1/2.
Recipe holding(const MethodOptions& o, double lambda, bool halved, RegulariserPointer (*make)(const ImportanceOptions&),
               const char* description) {
  Recipe r = finetuning(o);
  r.description = description;
  const double weight = o.lambda.value_or(lambda);
  r.regularisers = {{"importance", make({.strength = halved ? weight : 2 * weight,
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
Recipe ewc(const MethodOptions& o) {
  constexpr double facil = 5000, facil_batch = 64;
  return holding(
      o, o.as_released ? facil : facil / facil_batch, true, fisher_penalty,
      "Elastic weight consolidation (Kirkpatrick et al. 2017): weights are held by their Fisher information.");
}

Recipe si(const MethodOptions& o) {
  return holding(o, 0.1, false, path_penalty,
                 "Synaptic intelligence (Zenke et al. 2017): weights are held by what they did for the loss.");
}

Recipe mas(const MethodOptions& o) {
  return holding(
      o, 1, true, sensitivity_penalty,
      "Memory aware synapses (Aljundi et al. 2018): weights are held by how much the answers depend on them.");
}

Recipe rwalk(const MethodOptions& o) {
  return holding(o, 1, false, walk_penalty,
                 "Riemannian walk (Chaudhry et al. 2018): Fisher information and path importance together.");
}

}  // namespace mneme::methods
