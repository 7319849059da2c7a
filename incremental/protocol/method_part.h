#pragma once
// What all parts of a method share: loss terms, regularisers and prediction rules.

#include <string>

#include "layers/incremental_net.h"

namespace mneme {

struct TaskEnd;  // incremental/protocol/task_end.h

/// A part of a method that may carry numbers from step to step and from task to task. A run that was stopped can only
/// go on where each_state lists all of them, and a return to the best model takes them back along with the weights.
struct MethodPart : Module {
  /// Called after the network gained a task's classes: afterwards each_state lists tensors of the shapes this task
  /// needs.
  virtual void on_classes_added(IncrementalNet&) {}
  void each_state(const std::string&, const Visit&) override {}
  /// Called when a task has been learned and its exemplars were chosen.
  virtual void end_task(const TaskEnd&) {}
  /// True if a return to the best model takes what is carried back, too.
  virtual bool returns_with_best() const { return true; }
};

}  // namespace mneme
