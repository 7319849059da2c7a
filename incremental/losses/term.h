#pragma once
// The interface of the loss terms. A method lists weighted terms (incremental/method/method.h); a term knows no method.

#include <memory>

#include "incremental/protocol/method_part.h"
#include "incremental/protocol/task.h"
#include "layers/incremental_net.h"

namespace mneme {

/// Outputs for exemplars that are presented in addition to the batch, without augmentation and in inference mode.
struct ExemplarView {
  NetOutput student,  ///< outputs of the network being trained, with gradients
      teacher;        ///< outputs of the teacher
};

/// One batch as a loss sees it: B images and the outputs of the networks for them.
struct BatchView {
  const NetOutput& student;  ///< outputs of the network being trained, with gradients
  const NetOutput* teacher;  ///< outputs of the teacher (the network after the previous task); null in the first task
  const Tensor& labels;      ///< i32 (B): global labels, on the device
  const TaskContext& task;   ///< the task being learned
  const NetOutput* stage_start = nullptr;   ///< outputs of the network at the stage's start; null if no term needs them
  const ExemplarView* exemplars = nullptr;  ///< null if no term asks for exemplars or there are none
};

class MetaLearnedTerm;

/// A term of the loss.
class LossTerm : public MethodPart {
 public:
  /// Called before each stage of a task. What is set here need not be listed by each_state.
  virtual void begin_task(const TaskContext&) {}
  /// The loss of one batch, a scalar. It is called only if the term is active in the batch's task.
  virtual Tensor loss(const BatchView& batch) = 0;
  /// False if the term does not apply to the task, for example distillation in the first task.
  virtual bool active(const TaskContext&) const { return true; }
  /// True if the term reads BatchView::teacher.
  virtual bool needs_teacher() const { return false; }
  /// True if the term reads BatchView::stage_start.
  virtual bool needs_stage_start() const { return false; }
  /// The number of exemplars, drawn anew in every training step, that BatchView::exemplars must hold.
  virtual int exemplars_beside() const { return 0; }
  /// The term itself if it has a learned parameter (incremental/losses/meta_learned_term.h), otherwise null.
  virtual MetaLearnedTerm* meta_learned() { return nullptr; }
  /// True if the term is plain cross-entropy over all classes seen in this task. Runs of different methods may then
  /// share the result of the task.
  virtual bool is_cross_entropy(const TaskContext&) const { return false; }
};

/// The base class of terms that compare with the teacher. They are active from the second task on.
class TeacherTerm : public LossTerm {
 public:
  bool active(const TaskContext& task) const override { return task.task > 0; }
  bool needs_teacher() const override { return true; }
};

/// How methods hold a term.
using TermPointer = std::shared_ptr<LossTerm>;

}  // namespace mneme
