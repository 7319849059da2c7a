#pragma once
// Contexts of tasks for tests that have no scenario.

#include <vector>

#include "incremental/protocol/task.h"
#include "tests/support/tensors.h"

namespace mneme::test {

/// The last of tasks with these numbers of classes, ten training images of each class.
inline TaskContext last_task_of(std::vector<int> task_sizes, bool has_exemplars,
                                TensorOptions tensor_options = f64_reference) {
  TaskContext task;
  task.task = static_cast<int>(task_sizes.size()) - 1;
  task.task_sizes = std::move(task_sizes);
  task.class_counts.assign(static_cast<size_t>(task.classes()), 10);
  task.has_exemplars = has_exemplars;
  task.tensor_options = tensor_options;
  return task;
}

}  // namespace mneme::test
