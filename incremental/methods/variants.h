#pragma once
// The five variants of "Rethinking softmax in incremental learning" (Neural Networks 2025): which distillation terms a
// family takes. Each family says what they weigh. J joint, S per task, Bn binary, BPL binary prediction:
// docs/methods/rethinking-softmax.md#variants.

#include "incremental/methods/registry.h"

namespace mneme::methods {

struct Variant {
  const char* suffix;
  const char* idea;  ///< ends a sentence that begins with the family's name
  bool joint, separated, binary, binary_prediction;
};

/// The family's own method, which distils jointly and whose name has no suffix.
constexpr Variant plain{"", "", true, false, false, false};
/// The plain method and its five variants.
constexpr Variant variants[] = {
    plain,
    {"-s", "old classes are distilled task by task, each in a softmax of its own", false, true, false, false},
    {"-sr", "regularised by task-by-task distillation as well", true, true, false, false},
    {"-br", "every old score held to its level by binary distillation", true, false, true, false},
    {"-br2", "old scores held to their level by binary distillation, new ones by binary prediction", true, false, true,
     true},
    {"-bsr", "joint, task-by-task and binary distillation together", true, true, true, false},
};

/// A method with its five variants.
struct Family {
  const char *name,                           ///< of the plain method; a variant's name is this and its suffix
      *summary,                               ///< of the plain method, for --list-methods
      *source;                                ///< where all of them are described
  const char* formulas[std::size(variants)];  ///< of each variant, in the order of `variants`
  /// Returns the rows of the options that the variant uses.
  std::vector<Option> (*options)(const Variant& variant);
  /// Returns the variant's method, without the full stop that ends the description.
  Method (*make)(const MethodOptions& options, const Variant& variant);
};

/// One method for each variant.
std::vector<MethodInfo> methods_of(const Family& family);

}  // namespace mneme::methods
