#pragma once
// The interface of regularisers. A loss term acts on the outputs for a batch. A regulariser acts on the parameters: it
// sees the gradient of the plain loss and the update in every step, and the task's images at the end of the task.

#include <memory>
#include <string>
#include <vector>

#include "incremental/losses/term.h"
#include "layers/block.h"

namespace mneme {

/// The position of a step in the training.
struct StepPlace {
  int task = 0,       ///< from 0
      epoch = 0,      ///< epoch of the stage, from 0
      step = 0;       ///< step of the epoch, from 0
  uint64_t seed = 0;  ///< the run's seed
};

/// A regulariser of the parameters.
class Regulariser : public MethodPart {
 public:
  /// True if the regulariser changes any step of this task.
  virtual bool active(const TaskContext& task) const { return task.task > 0; }
  /// Called when a stage begins; the block holds the parameters that the stage trains.
  virtual void begin_stage(const TaskContext&, const ParameterBlock&) {}
  /// The loss whose gradient see_gradient() must receive; null: the whole loss without penalties.
  virtual LossTerm* watched() { return nullptr; }
  /// Called when the block holds the gradients of that loss, before any penalty is added.
  virtual void see_gradient(const ParameterBlock&) {}
  /// The penalty that the regulariser adds to the loss, a scalar; undefined if there is none.
  virtual Tensor penalty(const ParameterBlock&) { return {}; }
  /// Adds the gradient of penalty() to the block's gradients.
  virtual void add_gradient(const ParameterBlock&) {}
  /// Called before the gradients are multiplied by `factor` (a scalar from clipping) and applied.
  virtual void before_update(const ParameterBlock&, const StepPlace&, const Tensor& factor) { (void)factor; }
  /// Called after the parameters have been updated.
  virtual void after_update(const ParameterBlock&) {}
  /// Why this regulariser's operations differ from step to step, apart from the numbers they read on the device. Empty
  /// if they do not; only then can steps be captured (engine/capture.h).
  virtual std::string steps_differ_by() const = 0;
  /// True if the regulariser gathers state for the next task in every step. The result of a task can then not be taken
  /// from another run's weights.
  virtual bool gathers_while_training() const { return false; }
};

/// How methods hold a regulariser.
using RegulariserPointer = std::shared_ptr<Regulariser>;

}  // namespace mneme
