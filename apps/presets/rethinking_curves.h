#pragma once
// What the figures of "Rethinking softmax in incremental learning" show for LwF and its variants on CIFAR-100.

#include <vector>

namespace mneme {

/// Read from curves: task-aware ones to 0.2 points, forgetting to 0.2, task-agnostic ones to 0.5. Fractions of 1.
struct RethinkingCurves {
  const char* method;              ///< the method's name, as --method takes it
  int tasks;                       ///< the number of tasks: 2, 5, 10 or 20
  double final_aware,              ///< mean task-aware accuracy after the last task, from the curve
      final_agnostic;              ///< mean task-agnostic accuracy after the last task; the paper prints it
  double all_entries = 0,          ///< with ten tasks: the mean task-aware accuracy over all entries, from the curve
      all_forgetting = 0;          ///< with ten tasks: the mean forgetting over all entries, from the curve
  std::vector<double> aware = {};  ///< after each task; empty where the curve cannot be read
  std::vector<double> forgetting = {};  ///< after each task from the second on
  std::vector<double> agnostic = {};    ///< after each task
};

/// One element for each method and number of tasks.
const std::vector<RethinkingCurves>& rethinking_curves();

}  // namespace mneme
