#pragma once
// Note [Methods]
// A class-incremental method is a choice for each of a few slots. The trainer (incremental/training/trainer.h) owns the
// only epoch loop there is and knows slots, not methods; incremental/methods/ fills the slots, and names appear nowhere
// else.

#include <optional>
#include <string>
#include <vector>

#include "incremental/method/objective.h"
#include "incremental/method/stage.h"
#include "incremental/protocol/prediction_rule.h"

namespace mneme {

/// Which parameters learn in a task's main round.
enum class Trainable {
  standard,  ///< without exemplars the old heads rest (gradients still flow through them); with exemplars all learn
  all,
  old_classes_rest  ///< the old classes' weights rest, with exemplars too
};

/// What a task trains on.
enum class TrainOn {
  current,    ///< the task's images, and the exemplars if there is a memory
  all_so_far  ///< the union of all tasks up to this one: the upper bound
};

/// Whether a method wants stored images.
enum class ExemplarNeed {
  optional,
  expected,  ///< it runs without, but not as it was meant: the report says so
  required,
  forbidden
};

/// What is kept for StageImages::held_out and for look-aheads.
enum class HoldOut {
  for_good,      ///< images that never become exemplars: BiC
  for_the_task,  ///< from the second task on, some exemplars of every old class and some new images: Meta-BalancedS-CE
  last_for_the_task  ///< a share of the whole memory, its last ranks, and as many last ones of the new images: SS-IL
};

/// When a number of the loss is learned (Note [Meta-gradient]).
struct MetaGradientOptions {
  int period = 10;       ///< steps from one look-ahead to the next
  int batch_size = 128;  ///< at most so many held-out images each time
};

/// Exemplars are parameters that a task's end improves: Note [Learned exemplars] in
/// incremental/training/exemplar_learning.h.
struct ExemplarLearningOptions {
  bool as_released = false;
  double lr = 1;      ///< beta
  double step = 0.1;  ///< a
  int epochs = 1;     ///< over the images that judge
};

/// What a method asks of the network.
struct NetworkConfig {
  ClassifierKind classifier = ClassifierKind::linear;
  bool last_relu = true;       ///< off: features keep both signs
  bool signed_blocks = false;  ///< ResNetOptions
  bool signed_maps = false;    ///< likewise
  bool kernel_scales = false;  ///< likewise; from the second task on they learn and the kernels rest
};

struct Method : Module, Objective {
  std::string name;
  std::string description;  ///< one sentence, with the source
  NetworkConfig network;
  Trainable trainable = Trainable::standard;
  TrainOn train_on = TrainOn::current;
  std::optional<int> freeze_backbone_after;  ///< the last task in which the backbone learns; -1: never
  ExemplarNeed exemplars = ExemplarNeed::optional;
  bool imprints = false;                  ///< new classes' weights start out as what their images look like
  bool imprints_augmented = false;        ///< as the images look when they are trained on
  bool resets_classifier = false;         ///< every task begins with Classifier::reset()
  bool starts_over = false;               ///< from the second task on the network's weights are drawn anew
  bool ignores_fix_bn = false;            ///< as some released code does by mistake
  TermPointer warm_up;                    ///< what the warm-up minimises; null: cross-entropy of the newest head
  std::vector<StageChange> later_stages;  ///< after the main one, from the second task on
  SamplingOptions sampling;               ///< of the main stage
  HoldOut hold_out = HoldOut::for_good;   ///< whose images no other stage sees
  double validation_exemplars = 0;        ///< so many images of every class, or of all, as a share of exemplars
  bool holds_out_first = false;           ///< for good: a class's first images instead of random ones
  std::optional<ExemplarLearningOptions> exemplar_learning;  ///< exemplars are parameters: Note [Learned exemplars]
  MetaGradientOptions meta_gradient;                         ///< where a term has a number that is learned so
  bool needs_auxiliary = false;                              ///< a stage trains on another image set
  RulePointer rule = largest_logit();
  std::optional<double> search_from;  ///< where a grid search of --lambda starts; none: there is nothing to search

  /// Which parameters learn in the main round of this task.
  TrainableParts trainable_parts(const TaskContext& task) const;
  /// True if the old model is asked for anything in some stage.
  bool needs_teacher() const;
  /// True if a task's weights are not all that the next one needs of it.
  bool gathers_while_training() const;
  /// Tells every part that the network gained a task's classes.
  void on_classes_added(IncrementalNet& net);
  /// Tells every part that a task has been learned.
  void end_task(const TaskEnd& end);
  /// What the method carries beside the network's weights, each part under its name.
  void each_state(const std::string& at, const Visit& visit) override;
  /// What of that a return to the best model takes back.
  void each_returning_state(const std::string& at, const Visit& visit);
};

}  // namespace mneme
