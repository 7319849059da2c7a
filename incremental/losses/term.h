#pragma once
// A term of a method's loss. A method is a list of them (incremental/method/method.h); a term knows nothing of methods.

#include <memory>

#include "incremental/protocol/method_part.h"
#include "incremental/protocol/task.h"
#include "layers/incremental_net.h"

namespace mneme {

/// What both models answer to exemplars that are shown beside a batch as they are, in inference mode.
struct ExemplarView {
  NetOutput student, teacher;  ///< the student's is recorded
};

/// One batch as a loss sees it.
struct BatchView {
  const NetOutput& student;
  const NetOutput* teacher;  ///< the old model's answer to the same images; null in the first task
  const Tensor& labels;      ///< i32 (N), global, on the device
  const TaskContext& task;
  const NetOutput* stage_start = nullptr;   ///< the network's answer as it was when this round of training began
  const ExemplarView* exemplars = nullptr;  ///< null unless a term asks for them and there are some
};

class MetaLearnedTerm;

class LossTerm : public MethodPart {
 public:
  /// Called once before a task is trained. What is set here need not be listed by each_state.
  virtual void begin_task(const TaskContext&) {}
  /// A scalar. Only called when active.
  virtual Tensor loss(const BatchView& batch) = 0;
  /// False where the term does not apply, e.g. distillation in the first task.
  virtual bool active(const TaskContext&) const { return true; }
  virtual bool needs_teacher() const { return false; }
  virtual bool needs_stage_start() const { return false; }
  /// How many exemplars, other ones in every training step, shall be shown beside the batch.
  virtual int exemplars_beside() const { return 0; }
  /// The term itself, where it has a number that is learned by looking ahead (incremental/losses/meta_learned_term.h).
  virtual MetaLearnedTerm* meta_learned() { return nullptr; }
  /// True if in this task the term is plain cross-entropy over all classes seen, so that runs of different methods may
  /// share what such a task learns.
  virtual bool is_cross_entropy(const TaskContext&) const { return false; }
};

/// What all terms share that compare with the old model: they act from the second task on.
class TeacherTerm : public LossTerm {
 public:
  bool active(const TaskContext& task) const override { return task.task > 0; }
  bool needs_teacher() const override { return true; }
};

using TermPointer = std::shared_ptr<LossTerm>;

}  // namespace mneme
