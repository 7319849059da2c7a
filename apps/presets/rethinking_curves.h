#pragma once
// The numbers in the figures of "Rethinking softmax in incremental learning" for LwF and its variants on CIFAR-100.

#include <vector>

namespace mneme {

/// Numbers that were read from curves, as fractions of 1. The error of reading is 0.2 points for task-aware accuracy,
/// 0.2 for forgetting and 0.5 for task-agnostic accuracy.
struct RethinkingCurves {
  const char* method;              ///< the method's name, as --method takes it
  int tasks;                       ///< the number of tasks: 2, 5, 10 or 20
  double final_aware,              ///< mean task-aware accuracy after the last task, from the curve
      final_agnostic;              ///< mean task-agnostic accuracy after the last task; the paper prints it
  double all_entries = 0,          ///< with ten tasks: the mean task-aware accuracy over all entries, from the curve
      all_forgetting = 0;          ///< with ten tasks: the mean forgetting over all entries, from the curve
  std::vector<double> aware = {};  ///< task-aware accuracy after each task; empty where the curve cannot be read
  std::vector<double> forgetting = {};  ///< forgetting after each task from the second on
  std::vector<double> agnostic = {};    ///< task-agnostic accuracy after each task
};

/// One element for each pair of a method and a number of tasks.
const std::vector<RethinkingCurves>& rethinking_curves();

}  // namespace mneme
