// Learning without Forgetting: Li and Hoiem, ECCV 2016, as FACIL and "Rethinking softmax in incremental learning" run
// it: L = Cur + lambda J, T = 2, no factor T^2. Spec: distillation 11.2.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/recipes.h"

namespace mneme::methods {

Recipe lwf(const MethodOptions& options) {
  Recipe r;
  r.description =
      "Learning without Forgetting (Li and Hoiem 2016): the old model's softened answers to new images are kept.";
  r.prediction = {"cross-entropy", 1, current_cross_entropy()};
  r.distillation = {{"J", options.lambda.value_or(1), joint_distillation({.temperature = options.temperature})}};
  return r;
}

}  // namespace mneme::methods
