#pragma once
// What acts on parameters and their gradients rather than on answers. A loss term sees a batch; a regulariser sees the
// step: the gradient of the plain loss, the update, and at the end of a task the task's images.

#include <memory>
#include <string>
#include <vector>

#include "incremental/losses/term.h"
#include "layers/block.h"

namespace mneme {

/// Where training stands.
struct StepPlace {
  int task = 0, epoch = 0, step = 0;  ///< from 0
  uint64_t seed = 0;
};

class Regulariser : public MethodPart {
 public:
  /// True if in this task it changes any step.
  virtual bool active(const TaskContext& task) const { return task.task > 0; }
  /// A round of training begins with these parameters.
  virtual void begin_stage(const TaskContext&, const ParameterBlock&) {}
  /// The loss whose gradient see_gradient() shall be given; null: that of the whole plain loss.
  virtual LossTerm* watched() { return nullptr; }
  /// The block's gradients are those of the watched loss, and nothing has been added to them.
  virtual void see_gradient(const ParameterBlock&) {}
  /// What the regulariser adds to the loss; undefined if nothing.
  virtual Tensor penalty(const ParameterBlock&) { return {}; }
  /// Adds that penalty's gradient to the block's.
  virtual void add_gradient(const ParameterBlock&) {}
  /// The gradients are about to be multiplied by `factor` (clipping; a scalar) and applied.
  virtual void before_update(const ParameterBlock&, const StepPlace&, const Tensor& factor) { (void)factor; }
  virtual void after_update(const ParameterBlock&) {}
  /// By what the things it does at a step differ from those at another, beside the numbers that it reads, on the
  /// device. Empty if by nothing: then steps with it can be captured (engine/capture.h).
  virtual std::string steps_differ_by() const = 0;
  /// True if what is carried to the next task is gathered at every step, so that a task cannot be taken over from
  /// another run's weights.
  virtual bool gathers_while_training() const { return false; }
};

using RegulariserPointer = std::shared_ptr<Regulariser>;

}  // namespace mneme
