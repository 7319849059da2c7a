#pragma once
// The only epoch loop. It trains one network on one task, stage by stage (Note [Stages]); what differs between methods
// is in the method.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "incremental/method/method.h"
#include "incremental/protocol/scenario.h"
#include "layers/block.h"

namespace mneme {

struct EpochReport {
  int task = 0, epoch = 0, epochs = 0;  ///< epoch counted from 1
  std::string stage = "train";
  double loss = 0;                                      ///< mean over the epoch's images
  double validation_loss = 0, validation_accuracy = 0;  ///< NaN without a validation set
  double learning_rate = 0;
  double seconds = 0;  ///< of training, without validation
  double waited = 0;   ///< of these, for images to be decoded
  int64_t images = 0;
  int64_t graph_launches = 0;          ///< steps of the round so far that were replayed (Note [Captured steps])
  std::string capture_obstacle = {};   ///< why none was, where it was asked for
  std::optional<double> learned = {};  ///< the number that is learned by looking ahead, after this epoch
};

struct StepReport {
  int task = 0, epoch = 0, epochs = 0, step = 0, steps = 0;  ///< epoch and step counted from 1; of this stage
  int64_t images_done = 0;                                   ///< in this epoch
  double loss = 0;
  std::string stage = "train";
};

/// What learns: the network ("net."), and what its method carries beside it ("method.").
struct Learner : Module {
  IncrementalNet& net;
  Method& method;

  Learner(IncrementalNet& n, Method& r) : net(n), method(r) {}
  void each_state(const std::string& at, const Visit& visit) override;
};

/// Where training stands inside a task, between two steps. With the learner's tensors it is all that is needed to go on
/// as if nothing had happened: draws are counters and need no state.
struct TrainState {
  std::string stage;    ///< its name; empty: the task has not begun
  int epoch = 0;        ///< of the stage, from 0: the one in progress
  int step = 0;         ///< steps done in it
  double loss_sum = 0;  ///< over the images of those steps
  double rate = 0;      ///< the learning rate of this epoch
  double seconds = 0;   ///< this epoch has taken so far
  double waited = 0;    ///< of these, for images
  bool done = false;    ///< the stage's last epoch is over
  std::vector<double> schedule;
  Tensor velocity;                      ///< undefined without momentum
  std::optional<Snapshot> best;         ///< of what returns, where the schedule keeps the best
  std::optional<Snapshot> stage_start;  ///< of the network as it was when the stage began, where the stage asks it
  Subset chosen;                        ///< the images the stage trains on, where it chose them itself
};

/// Told about progress; any may be empty.
struct TrainingCallbacks {
  std::function<void(const StepReport&)> on_step;
  std::function<void(const EpochReport&)> on_epoch;
  /// After every step whose loss is known at once, which on a GPU is one of many, and once more after every epoch
  /// (`state.step` is 0 then). What it throws ends the training.
  std::function<void(const TrainState& state)> on_state;
};

/// Images of another set, of which no label is used.
struct AuxiliaryImages {
  std::unique_ptr<ImageSource> train_images, validation_images;
  Subset train, validation;
};

/// What a task offers its stages to learn from. A method whose stages ask for more than is here cannot run.
struct TaskData {
  Subset train;       ///< exemplars included
  Subset validation;  ///< may be empty
  Subset held_out = {};
  std::function<Subset(const Stage& stage)> balanced = {};  ///< StageImages::balanced, with the network as it is now
  const AuxiliaryImages* auxiliary = nullptr;
  /// Gives every weight a new initial value.
  std::function<void(IncrementalNet& net, const Stage& stage)> reinitialise = {};
  /// The momentum of each parameter that the last task's main round ended with, and this one's goes on with and then
  /// leaves; null: every round begins at rest.
  NamedMomentum* momentum = nullptr;
};

class Trainer {
 public:
  Trainer(IncrementalNet& net, Method& method, const TrainOptions& options, const ImageSource& images, uint64_t seed,
          TrainingCallbacks callbacks);

  /// TrainableParts one task. `teacher` is the model before this task, null in the first. With a `from` that a
  /// callbacks was told earlier, the learner's tensors being as they were then, goes on from there. Throws if the loss
  /// stops being a number.
  void learn(const TaskContext& task, const TaskData& data, IncrementalNet* teacher, TrainState from = {});

 private:
  struct ActiveStage;  // a stage with everything it needs
  struct Steps;        // what a round's steps share
  struct StepBatch;
  void imprint(const TaskContext& task, const Subset& train);
  void run_stage(ActiveStage& active, const TaskData& data, TrainState state);
  void prepare(ActiveStage& active, const TaskData& data, TrainState& state);
  void run_epoch(const ActiveStage& active, Steps& steps, Schedule& schedule, TrainState& state);
  BatchDraws draws_of(const ActiveStage& active, const TrainState& state, size_t first) const;
  void announce(const ActiveStage& active, const EpochOrder& epoch, const TrainState& state) const;
  void run_steps(const ActiveStage& active, Steps& steps, TrainState& state, EpochReport& report);
  void run_step(const ActiveStage& active, Steps& steps, const TrainState& state, const Subset& picked,
                const BatchDraws& draws, int64_t done);
  void issue_step(const ActiveStage& active, Steps& steps, const TrainState& state, const StepBatch& batch,
                  const ExemplarView* beside, int64_t done);
  void take_losses(const ActiveStage& active, Steps& steps, TrainState& state, int of_steps);
  void learn_by_meta_gradient(const ActiveStage& active, Steps& steps, const BatchView& view, double rate,
                              int64_t done);
  Subset held_out_batch(const ActiveStage& active, int64_t n) const;
  BatchRequest exemplars_beside(const ActiveStage& active, const BatchDraws& draws) const;
  std::optional<ExemplarView> show(const ActiveStage& active, const BatchRequest& exemplars);
  void update(const ActiveStage& active, Steps& steps, const TrainState& state);
  void validate(const ActiveStage& active, const ParameterBlock& block, EpochReport& report);

  IncrementalNet& net_;
  Method& method_;
  const TrainOptions& options_;
  const ImageSource& images_;
  uint64_t seed_;
  RandomKey shuffle_key_, augment_key_;
  TrainingCallbacks callbacks_;
};

}  // namespace mneme
