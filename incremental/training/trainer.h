#pragma once
// The only epoch loop. It trains one network on one task, stage by stage (Note [Stages]). Everything that differs
// between methods is in Method.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "incremental/method/method.h"
#include "incremental/protocol/scenario.h"
#include "layers/block.h"

namespace mneme {

/// The result of an epoch.
struct EpochReport {
  int task = 0,                       ///< from 0
      epoch = 0,                      ///< from 1
      epochs = 0;                     ///< epochs of the stage
  std::string stage = "train";        ///< name of the stage
  double loss = 0;                    ///< mean over the epoch's images
  double validation_loss = 0,         ///< NaN without validation images
      validation_accuracy = 0;        ///< a fraction of 1, among the classes of each image's own task; NaN likewise
  double learning_rate = 0;           ///< of this epoch
  double seconds = 0;                 ///< training time, without validation
  double waited = 0;                  ///< the part of `seconds` spent waiting for decoded images
  int64_t images = 0;                 ///< images shown in the epoch
  int64_t graph_launches = 0;         ///< steps of the stage so far that were graph launches (Note [Captured steps])
  std::string capture_obstacle = {};  ///< why no step was captured, if capture was requested
  /// The share of each term and each penalty in the loss, by name; their sum is `loss` up to rounding.
  std::vector<std::pair<std::string, double>> terms = {};
  double gradient_norm = 0;  ///< of the whole gradient before --clip-norm, mean over the steps
  /// The method's own numbers after this epoch: those of Objective::numbers(), and learned scalars of the classifier.
  std::vector<std::pair<std::string, double>> numbers = {};
};

/// The result of a step.
struct StepReport {
  int task = 0,                 ///< from 0
      epoch = 0,                ///< from 1
      epochs = 0,               ///< epochs of the stage
      step = 0,                 ///< step of the epoch, from 1
      steps = 0;                ///< steps of the epoch
  int64_t images_done = 0;      ///< images of the epoch up to this step
  double loss = 0;              ///< loss of the step, including penalties
  std::string stage = "train";  ///< name of the stage
};

/// Everything that training changes: the network ("net.") and the state of the method ("method.").
struct Learner : Module {
  IncrementalNet& net;  ///< the network
  Method& method;       ///< the method

  /// Refers to both; they must outlive the learner.
  Learner(IncrementalNet& n, Method& r) : net(n), method(r) {}
  /// Visits all tensors of both.
  void each_state(const std::string& at, const Visit& visit) override;
};

/// The position of the training of a task between two steps. Together with the learner's tensors it suffices to
/// continue exactly: random draws are functions of counters and have no state.
struct TrainState {
  std::string stage;                    ///< name of the stage; empty: the task has not begun
  int epoch = 0;                        ///< current epoch of the stage, from 0
  int step = 0;                         ///< steps done in this epoch
  double loss_sum = 0;                  ///< sum of the loss over the images of those steps
  std::vector<double> term_sums = {};   ///< the same of each term and penalty
  double norm_sum = 0;                  ///< sum of the gradient's norm over those steps
  double rate = 0;                      ///< learning rate of this epoch
  double seconds = 0;                   ///< training time of this epoch so far
  double waited = 0;                    ///< the part of it spent waiting for images
  bool done = false;                    ///< the last epoch of the stage is over
  std::vector<double> schedule;         ///< state of the schedule
  Tensor velocity;                      ///< momentum of the optimiser; undefined if it has none
  std::optional<Snapshot> best;         ///< the best model, if the schedule returns to it
  std::optional<Snapshot> stage_start;  ///< the network at the stage's start, if a term needs it
  Subset chosen;                        ///< the images of the stage, if the stage selected them
};

/// Functions that receive progress. Any of them may be empty.
struct TrainingCallbacks {
  std::function<void(const StepReport&)> on_step;    ///< called for every step of a reported stage
  std::function<void(const EpochReport&)> on_epoch;  ///< called after every epoch of a reported stage
  /// Called after every step whose loss has been fetched (on a GPU only some steps), and after every epoch with
  /// `state.step` = 0. An exception ends the training.
  std::function<void(const TrainState& state)> on_state;
};

/// Images of another data set. Their labels are not used.
struct AuxiliaryImages {
  std::unique_ptr<ImageSource> train_images,  ///< source of the training images
      validation_images;                      ///< source of the validation images
  Subset train,                               ///< training images
      validation;                             ///< validation images
};

/// The images and functions that the stages of a task use. A stage that needs something that is empty here cannot run.
struct TaskData {
  Subset train;          ///< training images, including exemplars
  Subset validation;     ///< may be empty
  Subset held_out = {};  ///< held-out images
  /// Returns the images of StageImages::balanced for the current network.
  std::function<Subset(const Stage& stage)> balanced = {};
  const AuxiliaryImages* auxiliary = nullptr;  ///< for StageImages::auxiliary
  /// Initialises all weights anew.
  std::function<void(IncrementalNet& net, const Stage& stage)> reinitialise = {};
  /// The momentum of each parameter at the end of the previous task's main stage. The main stage of this task starts
  /// with it and replaces it. Null: every stage starts with zero momentum.
  NamedMomentum* momentum = nullptr;
};

/// Trains a network on tasks.
struct ActiveStage;  // incremental/training/active_stage.h

class Trainer {
 public:
  /// All references must outlive the trainer. `seed` determines the random draws.
  Trainer(IncrementalNet& net, Method& method, const TrainOptions& options, const ImageSource& images, uint64_t seed,
          TrainingCallbacks callbacks);

  /// Trains the network on one task. `teacher` is the network after the previous task, null in the first task. `from`
  /// is a state that on_state() received earlier; training continues there, and the learner's tensors must have the
  /// values of that time. Throws Error if the loss is not finite, if a stage has no images, if a stage's learned
  /// parameter has no held-out images, if the patience schedule has no validation images, or if the method has no stage
  /// called from.stage.
  void learn(const TaskContext& task, const TaskData& data, IncrementalNet* teacher, TrainState from = {});

 private:
  void imprint(const TaskContext& task, const Subset& train);
  void run_stage(ActiveStage& active, const TaskData& data, TrainState state);
  void prepare(ActiveStage& active, const TaskData& data, TrainState& state);

  IncrementalNet& net_;
  Method& method_;
  const TrainOptions& options_;
  const ImageSource& images_;
  uint64_t seed_;
  TrainingCallbacks callbacks_;
};

}  // namespace mneme
