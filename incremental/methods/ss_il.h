#pragma once
// What the methods of SS-IL's suite have in common.

#include "incremental/losses/distill.h"
#include "incremental/methods/registry.h"

namespace mneme::methods {

/// T^2 KL_T(zh || z): how the suite distils.
inline DistillOptions divergence(const MethodOptions& o) {
  return {.temperature = o.temperature, .eps = 0, .squared = true, .relative = true};
}

}  // namespace mneme::methods
