#include "incremental/recipe.h"

namespace mneme {

bool Recipe::needs_teacher() const {
  for (const WeightedTerm& term : distillation)
    if (term.term->needs_teacher()) return true;
  return prediction.term->needs_teacher();
}

}  // namespace mneme
