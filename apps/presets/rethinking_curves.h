#pragma once
// What the figures of "Rethinking softmax in incremental learning" show for LwF and its variants on CIFAR-100.

#include <vector>

namespace mneme {

/// Read from curves: task-aware ones to 0.2 points, forgetting to 0.2, task-agnostic ones to 0.5. Fractions of 1.
struct RethinkingCurves {
  const char* method;
  int tasks;
  double final_aware, final_agnostic;          ///< the latter is printed
  double all_entries = 0, all_forgetting = 0;  ///< ten tasks: means over all entries, from the two curves
  std::vector<double> aware = {};              ///< after each task; empty where the curve cannot be read
  std::vector<double> forgetting = {};         ///< after each task from the second on
  std::vector<double> agnostic = {};           ///< after each task
};

const std::vector<RethinkingCurves>& rethinking_curves();

}  // namespace mneme
