#pragma once
// What is known about the task being learned. Class labels are global and in learning order: task 0 has 0..n_0 - 1.

#include <cstdint>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

struct TaskContext {
  int task = 0;
  std::vector<int> task_sizes;  ///< classes of tasks 0..task
  std::vector<int64_t>
      class_counts;              ///< n_k: images of class k in the subset this task trains on, for all classes seen
  bool has_exemplars = false;    ///< |E| > 0: the subset holds stored images of old classes
  TensorOptions tensor_options;  ///< device and type of the network's tensors

  int offset(int t) const {
    int sum = 0;
    for (int i = 0; i < t; ++i) sum += task_sizes[static_cast<size_t>(i)];
    return sum;
  }
  int old_classes() const { return offset(task); }
  int new_classes() const { return task_sizes[static_cast<size_t>(task)]; }
  int classes() const { return offset(task + 1); }
  /// rho = N_old / N: the share of old classes, 0 in the first task.
  double rho() const { return static_cast<double>(old_classes()) / classes(); }
};

}  // namespace mneme
