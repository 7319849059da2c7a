#pragma once
// The only epoch loop. It trains one network on one task by a recipe; what differs between methods is in the recipe.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/augment.h"
#include "incremental/recipe.h"
#include "incremental/scenario.h"
#include "layers/block.h"
#include "optim/schedule.h"
#include "optim/sgd.h"

namespace mneme {

enum class ScheduleKind { steps, cosine, patience, constant };
ScheduleKind schedule_named(const std::string& name);
const char* name_of(ScheduleKind kind);

struct TrainOptions {
  int epochs = 30;
  int base_epochs = 0;  ///< of the first task; 0: as the others
  int batch_size = 128;
  double learning_rate = 0.1;
  ScheduleKind schedule = ScheduleKind::steps;
  std::vector<double> milestones = {0.4, 0.6, 0.8};  ///< steps: where the rate drops, as fractions of the epochs
  double step_factor = 0.1;                          ///< steps: what it is multiplied by
  PatienceOptions patience;                          ///< patience: all but the rate
  SgdOptions sgd{.momentum = 0.9, .weight_decay = 2e-4};
  double clip = 0;           ///< largest gradient norm; 0: no clipping
  int warmup_epochs = 0;     ///< from the second task on, the new head alone learns first
  double warmup_factor = 1;  ///< of the learning rate while warming up
  bool fix_bn = false;       ///< batch norm in inference mode from the second task on
  Augmentation augmentation{.crop = Crop::pad_crop, .flip = true};
};

struct EpochReport {
  int task = 0, epoch = 0, epochs = 0;  ///< epoch counted from 1
  std::string stage = "train";
  double loss = 0;                                      ///< mean over the epoch's images
  double validation_loss = 0, validation_accuracy = 0;  ///< NaN without a validation set
  double learning_rate = 0;
  double seconds = 0;  ///< of training, without validation
  int64_t images = 0;
};

struct StepReport {
  int task = 0, epoch = 0, step = 0, steps = 0;
  int64_t images_done = 0;  ///< in this epoch
  double loss = 0;
};

/// What learns: the network ("net."), and what its method carries beside it ("method.").
struct Learner : Module {
  IncrementalNet& net;
  Recipe& recipe;

  Learner(IncrementalNet& n, Recipe& r) : net(n), recipe(r) {}
  void each_state(const std::string& at, const Visit& visit) override;
};

/// Where training stands inside a task, between two steps. With the learner's tensors it is all that is needed to go on
/// as if nothing had happened: draws are counters and need no state.
struct TrainState {
  std::string stage;    ///< "warm-up" or "train"; empty: the task has not begun
  int epoch = 0;        ///< of the stage, from 0: the one in progress
  int step = 0;         ///< steps done in it
  double loss_sum = 0;  ///< over the images of those steps
  double rate = 0;      ///< the learning rate of this epoch
  double seconds = 0;   ///< this epoch has taken so far
  bool done = false;    ///< the schedule has ended the stage
  std::vector<double> schedule;
  Tensor velocity;               ///< undefined without momentum
  std::optional<Snapshot> best;  ///< of the learner, where the schedule keeps the best
};

/// Told about progress; any may be empty.
struct Watcher {
  std::function<void(const StepReport&)> on_step;
  std::function<void(const EpochReport&)> on_epoch;
  /// After every step, and once more after every epoch (`state.step` is 0 then). What it throws ends the training.
  std::function<void(const TrainState& state)> on_state;
};

class Trainer {
 public:
  Trainer(IncrementalNet& net, Recipe& recipe, const TrainOptions& options, const DeviceImages& images, uint64_t seed,
          Watcher watcher);

  /// Learns one task: `pool` is what it trains on (exemplars included), `validation` may be empty. `old` is the model
  /// before this task, null in the first. With a `from` that a watcher was told earlier, the learner's tensors being as
  /// they were then, goes on from there. Throws if the loss stops being a number.
  void learn(const TaskContext& task, const Pool& pool, const Pool& validation, IncrementalNet* old,
             TrainState from = {});

 private:
  struct Stage;  // epochs over one pool with one loss
  void warm_up(const TaskContext& task, const Pool& pool, TrainState from);
  void run_stage(const Stage& stage, TrainState from);
  void run_epoch(const Stage& stage, ParameterBlock& block, Sgd& sgd, Schedule& schedule, TrainState& state);
  double run_steps(const Stage& stage, ParameterBlock& block, Sgd& sgd, TrainState& state);
  double run_step(const Stage& stage, ParameterBlock& block, const Pool& batch, const BatchDraws& draws);
  Tensor total_loss(const Recipe& recipe, const NetOutput& student, const Tensor& images, const Tensor& labels,
                    const TaskContext& task, IncrementalNet* old);
  void validate(const Stage& stage, EpochReport& report);
  bool backbone_frozen(const TaskContext& task) const;
  bool learns(const std::string& name, const TaskContext& task) const;
  Mode mode_for(const TaskContext& task) const;
  std::unique_ptr<Schedule> make_schedule(int epochs) const;

  IncrementalNet& net_;
  Recipe& recipe_;
  Learner learner_;
  const TrainOptions& options_;
  const DeviceImages& images_;
  RandomKey shuffle_key_, augment_key_;
  Watcher watcher_;
};

}  // namespace mneme
