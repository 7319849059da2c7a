#pragma once
// Note [Stages]
// A task is learned in one or several rounds over images: a warm-up of the new head, the main round, and what a method
// appends (finetuning on balanced images, two numbers of a bias layer). Each is a Stage, run by the same loop, and says
// what it minimises, what learns, from which images and for how long. A method describes a later stage as a change of
// the main one.

#include <functional>
#include <string>
#include <vector>

#include "incremental/memory/exemplars.h"
#include "incremental/memory/sampling.h"
#include "incremental/method/objective.h"
#include "incremental/method/train_options.h"

namespace mneme {

struct Method;

/// Which parameters learn.
struct TrainableParts {
  bool backbone = true;
  bool kernel_scales = false;  ///< of the backbone, in place of the kernels
  bool old_classes = true, new_classes = true, scale = true, correction = false;
  bool operator()(Part part) const;
};

/// Where a stage's images come from.
enum class StageImages {
  task,        ///< what the task trains on, exemplars included
  new_images,  ///< the task's own images alone
  balanced,    ///< equally many of every class: the exemplars, and as many images of each new class
  held_out,    ///< exemplars set aside, of every class, that no other stage sees
  auxiliary,   ///< another image set, without labels
};

/// Which images of new classes join the exemplars for equally many of every class.
enum class Balancing {
  per_class,  ///< as many of each as the memory will keep
  in_total,   ///< as many in all as there are old ones
  smallest    ///< of every class, old ones too, as many as the old class has that has fewest
};

struct Stage {
  std::string name = "train";
  Objective objective;
  TrainableParts trainable_parts;
  bool batch_statistics = true;  ///< batch norm in training mode; otherwise by its running statistics
  StageImages images = StageImages::task;
  SamplingOptions sampling;                  ///< how an epoch goes through them
  Selection chosen_by = Selection::herding;  ///< balanced: how images of new classes are chosen
  Balancing balancing = Balancing::per_class;
  bool validates = true;     ///< judged by the task's validation images after every epoch
  bool starts_over = false;  ///< the network's weights are drawn anew first
  bool reported = true;      ///< its steps and epochs are told to callbacks
  int number = 0;            ///< tells the stages' draws apart
  TrainOptions options;      ///< options.epochs are this stage's
};

/// Changes a copy of the main stage into a later one. False: not in this task.
using StageChange = std::function<bool(Stage& stage, const TaskContext& task)>;

/// The task as a stage sees it that trains on these images of it.
TaskContext context_for(const Stage& stage, const TaskContext& task, const Subset& images);

/// What `method` does in this task, in order.
std::vector<Stage> stages_of(const Method& method, const TrainOptions& options, const TaskContext& task);

}  // namespace mneme
