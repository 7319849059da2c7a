#pragma once
// Slots of a recipe filled by name, in place of what the method has there: compositions from the command line.

#include <string>

#include "incremental/methods.h"

namespace mneme {

/// Empty: the method's own.
struct SlotChoices {
  std::string prediction = {};  ///< how labels are learned: classification_loss()
  std::string distillation =
      {};                    ///< what is kept of the old model, several names joined by commas: distillation_loss()
  std::string sampler = {};  ///< sampling_named()
  std::string second_stage = {};  ///< "none" or "balanced"
  double replay_share = 0.2;      ///< sampler ratio: exemplars per batch, as a share of it
};

/// cross-entropy, balanced-softmax, learned-balanced-softmax, rescaled, separated or binary. Throws UsageError.
WeightedTerm classification_loss(const std::string& name, const MethodOptions& options);
/// none, joint, separated, binary, less-forget or attention, each of weight --lambda (1). Throws UsageError.
WeightedTerm distillation_loss(const std::string& name, const MethodOptions& options);

/// Fills the slots and says so in the description. The classification loss is a recipe's first prediction term; others
/// stay.
void apply(const SlotChoices& choices, const MethodOptions& options, Recipe& recipe);

}  // namespace mneme
