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

constexpr Variant plain{"", "", true, false, false, false};
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
  const char *name, *summary, *source;
  const char* formulas[std::size(variants)];  ///< of each variant, in the order of `variants`
  std::vector<Option> (*options)(const Variant& variant);
  Method (*make)(const MethodOptions& options, const Variant& variant);
};

/// One method for each variant.
std::vector<MethodInfo> methods_of(const Family& family);

}  // namespace mneme::methods
