#pragma once
// Note [Recipes]
// A class-incremental method is a choice for each of a few slots. The trainer (incremental/trainer.h) owns the only
// epoch loop there is and knows slots, not methods; incremental/methods/ fills the slots, and names appear nowhere
// else.

#include <optional>
#include <string>
#include <vector>

#include "incremental/losses/term.h"

namespace mneme {

/// Which parameters learn in a task.
enum class Trainable {
  standard,  ///< without exemplars the old heads rest (gradients still flow through them); with exemplars all learn
  all
};

/// How the weighted sums of prediction terms P and of distillation terms D add up.
enum class Balance {
  sum,  ///< P + D
  rho   ///< (1 - rho) P + rho D, rho = N_old / N: BiC, IL-Baseline
};

/// What a task trains on.
enum class TrainOn {
  current,    ///< the task's images, and the exemplars if there is a memory
  all_so_far  ///< the union of all tasks up to this one: the upper bound
};

struct WeightedTerm {
  std::string name;  ///< as logs call it
  double weight = 1;
  TermPointer term;
};

struct Recipe : Module {
  std::string method;
  std::string description;                 ///< one sentence, with the source
  std::vector<WeightedTerm> prediction;    ///< how labels are learned
  std::vector<WeightedTerm> distillation;  ///< how the old model is kept
  Balance balance = Balance::sum;
  Trainable trainable = Trainable::standard;
  TrainOn train_on = TrainOn::current;
  std::optional<int> freeze_backbone_after;  ///< the last task in which the backbone learns; -1: never
  bool forbids_exemplars = false;
  bool wants_exemplars = false;

  bool needs_teacher() const;
  /// True if in this task the whole loss is plain cross-entropy over all classes seen.
  bool is_cross_entropy(const TaskContext& task) const;
  /// Tells every part that the network gained a task's classes.
  void grow(IncrementalNet& net);
  /// What the method carries beside the network's weights, each part under its name.
  void each_state(const std::string& at, const Visit& visit) override;
  /// Tells every term that a task begins.
  void begin_task(const TaskContext& task) const;
  /// The loss of one batch: prediction and distillation, weighted and balanced.
  Tensor loss(const BatchView& batch) const;
};

}  // namespace mneme
