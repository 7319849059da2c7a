#pragma once
// Slots of a method filled by name, in place of what the method has there: compositions from the command line.

#include <string>

#include "incremental/methods/registry.h"

namespace mneme {

/// Empty: the method's own.
struct SlotChoices {
  std::string prediction = {};  ///< how labels are learned: one of prediction_names()
  /// What is kept of the old model, each of weight --lambda (1): none, or some of distillation_names(), joined by
  /// commas. pod-flat is less-forget, and both pods' weights grow with sqrt(N / n_t) unless --fixed-lambda.
  std::string distillation = {};
  std::string sampler = {};  ///< sampling_named()
  /// none, or balanced: class-balance finetuning by cross-entropy alone.
  std::string second_stage = {};
  double replay_share = 0.2;  ///< sampler ratio: exemplars per batch, as a share of it
};

/// What may be chosen, joined by commas.
std::string prediction_names();
std::string distillation_names();

/// Fills the slots and says so in the description. The classification loss is a method's first prediction term; others
/// stay. Throws UsageError for unknown names.
void apply(const SlotChoices& choices, const MethodOptions& options, Method& method);

}  // namespace mneme
