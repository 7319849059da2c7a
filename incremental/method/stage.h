#pragma once
// Note [Stages]
// A task is learned in one or several stages: a warm-up of the new head, the main stage, and the stages a method adds
// (finetuning on balanced images, a bias correction). The same loop runs every Stage. A Stage states its objective, the
// parameters it trains, its images and its options. A method describes a later stage as a change of the main stage.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "incremental/memory/exemplars.h"
#include "incremental/memory/sampling.h"
#include "incremental/method/objective.h"
#include "incremental/method/train_options.h"

namespace mneme {

struct Method;

/// Which parameters are trained.
struct TrainableParts {
  bool backbone = true;        ///< the backbone
  bool kernel_scales = false;  ///< the kernel scales of the backbone instead of its kernels
  bool old_classes = true,     ///< weights of old classes
      new_classes = true,      ///< weights of new classes
      later_classes = false,   ///< weights of classes of tasks to come, which weight decay shrinks
      scale = true,            ///< scale of a cosine or proxy classifier
      correction = false;      ///< bias correction of the new classes
  /// True if parameters of this part are trained. Part::settled never is.
  bool operator()(Part part) const;
};

/// Which images a stage trains on.
enum class StageImages {
  task,        ///< the training images of the task, including exemplars
  new_images,  ///< only the task's own images
  balanced,    ///< the same number for every class: the exemplars, and as many images of each new class
  held_out,    ///< held-out images of every class that no other stage sees
  auxiliary,   ///< images of another data set, without labels
};

/// How many images of new classes balance the exemplars.
enum class Balancing {
  per_class,  ///< per new class, as many as the memory will keep
  in_total,   ///< of all new images, whatever their classes, as many as there are exemplars
  smallest    ///< for every class, also the old ones, as many as the smallest number of exemplars of an old class
};

/// One stage of a task (Note [Stages]).
struct Stage {
  std::string name = "train";      ///< name in logs and checkpoints
  Objective objective;             ///< the loss and the regularisers
  TrainableParts trainable_parts;  ///< which parameters it trains
  bool batch_statistics = true;  ///< batch norm uses batch statistics (training mode); otherwise its running statistics
  StageImages images = StageImages::task;    ///< which images it trains on
  SamplingOptions sampling;                  ///< how an epoch samples them
  Selection chosen_by = Selection::herding;  ///< StageImages::balanced: how images of new classes are selected
  /// StageImages::balanced: how many
  Balancing balancing = Balancing::per_class;
  bool validates = true;     ///< validated after every epoch
  bool starts_over = false;  ///< starts from new random weights
  /// starts_over: the number of the stage whose initial weights these are, too; not set: they are its own
  std::optional<int> starts_like = {};
  bool reported = true;  ///< callbacks receive its steps and epochs
  int number = 0;        ///< selects the random draws of the stage
  TrainOptions options;  ///< options of this stage; options.epochs are its epochs
};

/// Changes a copy of the main stage into a later stage. Returns false if the task does not have that stage.
using StageChange = std::function<bool(Stage& stage, const TaskContext& task)>;

/// The context of a stage of `task` that trains on `images`: class counts and has_exemplars are those of these images.
TaskContext context_for(const Stage& stage, const TaskContext& task, const Subset& images);

/// The stages of `method` in this task, in order: a warm-up if options ask for one, the main stage, and later stages.
/// The first task has only the main stage.
std::vector<Stage> stages_of(const Method& method, const TrainOptions& options, const TaskContext& task);

}  // namespace mneme
