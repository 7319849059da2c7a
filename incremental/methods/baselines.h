#pragma once
// The baselines that other methods build on.

#include "incremental/methods/registry.h"

namespace mneme::methods {

struct BaselineOptions {
  bool all_outputs = false;  ///< cross-entropy over all heads, and all parameters learn
  int freeze_after = 0;      ///< freezing: the last task in which the backbone learns; -1: none
};

inline constexpr Option all_outputs_row =
    option<&BaselineOptions::all_outputs>("--all-outputs", "Cross-entropy over all heads, and all parameters learn");

/// Training goes on with the new classes. It reads --all-outputs.
Method finetuning(const MethodOptions& options);
/// FT of SS-IL's suite: finetuning over all classes, with exemplars (docs/methods/ss-il.md#ft).
Method ft_ss_il(const MethodOptions& options);

}  // namespace mneme::methods
