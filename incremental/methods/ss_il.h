#pragma once
// What the methods of SS-IL's suite have in common.

#include "incremental/losses/distill.h"
#include "incremental/methods/registry.h"
#include "incremental/methods/shared_options.h"

namespace mneme::methods {

/// T^2 KL_T(zh || z): how the suite distils (docs/methods/ss-il.md#loss).
inline DistillOptions divergence(const MethodOptions& o) {
  return {.temperature = o.get<SharedOptions>().temperature, .eps = 0, .squared = true, .relative = true};
}

}  // namespace mneme::methods
