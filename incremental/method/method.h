#pragma once
// Note [Methods]
// A class-incremental method is a set of choices, one for each of a few slots. The trainer
// (incremental/training/trainer.h) contains the only epoch loop and knows the slots, not the methods. The functions in
// incremental/methods/ fill the slots; names of methods appear nowhere else.

#include <optional>
#include <string>
#include <vector>

#include "incremental/method/objective.h"
#include "incremental/method/stage.h"
#include "incremental/protocol/prediction_rule.h"

namespace mneme {

/// Which parameters the main stage of a task trains.
enum class Trainable {
  /// Without exemplars the old heads are fixed (gradients still flow through them); with exemplars everything is
  /// trained.
  standard,
  all,              ///< everything is trained
  old_classes_rest  ///< the weights of old classes are fixed, even with exemplars
};

/// The images a task trains on.
enum class TrainOn {
  current,    ///< the task's images, and the exemplars if there is a memory
  all_so_far  ///< the images of all tasks up to this one: the upper bound
};

/// Whether a method uses exemplars.
enum class ExemplarNeed {
  optional,  ///< runs with or without a memory
  expected,  ///< runs without a memory, but not as its authors intended; the report says so
  required,  ///< cannot run without a memory
  /// Cannot run with a memory.
  forbidden
};

/// Which images are held out for StageImages::held_out and for meta-gradients.
enum class HoldOut {
  for_good,  ///< images that never become exemplars: BiC
  /// In every task from the second on, some exemplars of each old class and some new images. Meta-BalancedS-CE does so.
  for_the_task,
  /// in every task from the second on, a share of the whole memory and as many new images, the last ones: SS-IL
  last_for_the_task
};

/// When a parameter of the loss is learned (Note [Meta-gradient]).
struct MetaGradientOptions {
  int period = 10;       ///< steps from one meta-gradient to the next
  int batch_size = 128;  ///< the maximum number of held-out images used each time
};

/// Options of exemplars that are learned at the end of a task: Note [Learned exemplars] in
/// incremental/training/exemplar_learning.h.
struct ExemplarLearningOptions {
  bool as_released = false;  ///< as the method's released code does it, where paper and code differ
  double lr = 1;             ///< beta: learning rate of the pixels
  double step = 0.1;         ///< a: learning rate of the step that is differentiated
  int epochs = 1;            ///< epochs over the images of the outer loss
};

/// The method's requirements on the network.
struct NetworkConfig {
  ClassifierKind classifier = ClassifierKind::linear;  ///< kind of classifier
  bool last_relu = true;       ///< false: the last ReLU is left out, so that features have both signs
  bool signed_blocks = false;  ///< ResNetOptions::signed_blocks
  bool signed_maps = false;    ///< ResNetOptions::signed_maps
  /// ResNetOptions::kernel_scales; from the second task on the scales are trained and the kernels are fixed.
  bool kernel_scales = false;
  /// The weights of all classes are there from the first task on, and weight decay shrinks those that wait:
  /// Classifier::reserve().
  bool whole_head = false;
};

/// A class-incremental method: its loss (Objective) and the other slots that the trainer reads (Note [Methods]).
struct Method : Module, Objective {
  std::string name;                           ///< name on the command line and in files
  std::string description;                    ///< one sentence with the source
  NetworkConfig network;                      ///< requirements on the network
  Trainable trainable = Trainable::standard;  ///< what the main stage trains
  TrainOn train_on = TrainOn::current;        ///< what a task trains on
  /// The last task that trains the backbone; -1: no task does; not set: all do.
  std::optional<int> freeze_backbone_after;
  ExemplarNeed exemplars = ExemplarNeed::optional;  ///< whether the method uses exemplars
  /// Weights of new classes are initialised from the features of their images: Classifier::imprint()
  bool imprints = false;
  bool imprints_augmented = false;        ///< imprints: the images are augmented as in training
  bool resets_classifier = false;         ///< every task begins with Classifier::reset()
  bool starts_over = false;               ///< from the second task on the main stage starts from new random weights
  bool ignores_fix_bn = false;            ///< TrainOptions::fix_bn has no effect, as some released code does by mistake
  TermPointer warm_up;                    ///< the loss of the warm-up; null: cross-entropy of the newest head
  std::vector<StageChange> later_stages;  ///< the stages after the main stage, from the second task on
  SamplingOptions sampling;               ///< sampling of the main stage
  HoldOut hold_out = HoldOut::for_good;   ///< which images are held out; no other stage sees them
  double validation_exemplars = 0;        ///< the share of the exemplars that is held out
  bool holds_out_first = false;           ///< HoldOut::for_good: the first images of a class instead of random ones
  std::optional<ExemplarLearningOptions> exemplar_learning;  ///< set: exemplars are learned, Note [Learned exemplars]
  MetaGradientOptions meta_gradient;                         ///< for terms with a learned parameter
  bool needs_auxiliary = false;                              ///< a stage trains on images of another data set
  RulePointer rule = largest_logit();                        ///< prediction rule
  /// Where a grid search of --lambda starts; not set: the method has nothing to search.
  std::optional<double> search_from;

  /// Which parameters the main stage of this task trains.
  TrainableParts trainable_parts(const TaskContext& task) const;
  /// True if a term of some stage reads the teacher's outputs.
  bool needs_teacher() const;
  /// True if the next task needs more of a task than its weights, because a regulariser gathers state in every step.
  bool gathers_while_training() const;
  /// Calls MethodPart::on_classes_added() of every part.
  void on_classes_added(IncrementalNet& net);
  /// Calls MethodPart::end_task() of every part.
  void end_task(const TaskEnd& end);
  /// Visits the tensors that the parts keep, each part under its name. The network's weights are not among them.
  void each_state(const std::string& at, const Visit& visit) override;
  /// Visits only those of these tensors that a return to the best model restores.
  void each_returning_state(const std::string& at, const Visit& visit);
};

}  // namespace mneme
