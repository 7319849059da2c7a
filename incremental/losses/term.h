#pragma once
// A term of a method's loss. A method is a list of them (incremental/recipe.h); a term knows nothing of methods.

#include <memory>

#include "incremental/task.h"
#include "layers/incremental_net.h"

namespace mneme {

/// One batch as a loss sees it.
struct BatchView {
  const NetOutput& student;
  const NetOutput* teacher;  ///< the old model's answer to the same images; null in the first task
  const Tensor& labels;      ///< i32 (N), global, on the device
  const TaskContext& task;
};

class LossTerm {
 public:
  virtual ~LossTerm() = default;
  /// Called once before a task is trained.
  virtual void begin_task(const TaskContext&) {}
  /// A scalar. Only called when active.
  virtual Tensor loss(const BatchView& batch) = 0;
  /// False where the term does not apply, e.g. distillation in the first task.
  virtual bool active(const TaskContext&) const { return true; }
  virtual bool needs_teacher() const { return false; }
  /// True if in this task the term is plain cross-entropy over all classes seen, so that runs of different methods may
  /// share what such a task learns.
  virtual bool is_cross_entropy(const TaskContext&) const { return false; }
};

using TermPointer = std::shared_ptr<LossTerm>;

}  // namespace mneme
