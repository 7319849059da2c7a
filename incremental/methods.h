#pragma once
// The methods by name. Each is a recipe in incremental/methods/; a new one is a function there and a row in
// methods.cpp.

#include <optional>
#include <string>
#include <vector>

#include "incremental/recipe.h"

namespace mneme {

/// Every knob of every method, with the papers' values. A method reads the ones its description names.
struct MethodOptions {
  std::optional<double> lambda;  ///< weight of the distillation (1 unless the method says otherwise)
  double temperature = 2;        ///< T of distillation
  double sr_joint = 0.5;         ///< -SR: share of the joint distillation
  double bsr_binary = 0.5;       ///< -BSR: share of the binary distillation
  double alpha = 1;              ///< balanced softmax: weight of old classes' counts
  bool all_outputs = false;      ///< finetuning, freezing: cross-entropy over all heads, all parameters
  int freeze_after = 0;          ///< freezing: the last task in which the backbone learns
};

struct MethodInfo {
  std::string name;
  std::string summary;
  Recipe (*make)(const MethodOptions& options);
};

const std::vector<MethodInfo>& all_methods();

/// Throws UsageError with the nearest name if there is no such method.
Recipe make_recipe(const std::string& name, const MethodOptions& options);

}  // namespace mneme
