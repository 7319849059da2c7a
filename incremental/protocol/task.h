#pragma once
// What is known about the task that is being learned. Class labels are global and follow the learning order: task 0 has
// the labels 0..n_0 - 1.

#include <cstdint>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

/// The classes of the current task and of those before it, and its training images per class.
struct TaskContext {
  int task = 0;                 ///< number of the task, from 0
  std::vector<int> task_sizes;  ///< classes of each of the tasks 0..task
  /// n_k for all classes seen: images of class k among the current training images.
  std::vector<int64_t> class_counts;
  bool has_exemplars = false;    ///< |E| > 0: the training images include exemplars of old classes
  TensorOptions tensor_options;  ///< device and type of the network's tensors

  /// The label of the first class of task t. Requires 0 <= t <= task + 1.
  int offset(int t) const {
    int sum = 0;
    for (int i = 0; i < t; ++i) sum += task_sizes[static_cast<size_t>(i)];
    return sum;
  }
  /// N_old: classes of earlier tasks.
  int old_classes() const { return offset(task); }
  /// n_t: classes of this task.
  int new_classes() const { return task_sizes[static_cast<size_t>(task)]; }
  /// N = N_old + n_t: all classes seen so far.
  int classes() const { return offset(task + 1); }
  /// rho = N_old / N: the share of old classes; 0 in the first task.
  double rho() const { return static_cast<double>(old_classes()) / classes(); }
};

}  // namespace mneme
