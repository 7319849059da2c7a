#pragma once
// The common base class of loss terms, regularisers and prediction rules.

#include <string>

#include "layers/incremental_net.h"

namespace mneme {

struct TaskEnd;  // incremental/protocol/task_end.h

/// A part of a method that may keep numbers from step to step and from task to task. each_state must list all of them:
/// a checkpoint stores only what it lists, and a return to the best model restores only that together with the weights.
struct MethodPart : Module {
  /// Called after the network received a new task's classes. Afterwards each_state must list tensors of the shapes that
  /// this task needs.
  virtual void on_classes_added(IncrementalNet&) {}
  /// Visits the tensors this part keeps; `at` is the prefix of their names. By default there are none.
  void each_state(const std::string&, const Visit&) override {}
  /// Called when a task has been learned and its exemplars have been chosen.
  virtual void end_task(const TaskEnd&) {}
  /// True if a return to the best model also restores what this part keeps.
  virtual bool returns_with_best() const { return true; }
};

}  // namespace mneme
