#pragma once
// The only epoch loop. It trains one network on one task by a recipe; what differs between methods is in the recipe.

#include <functional>
#include <memory>
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
  double images_per_second = 0;
};

struct StepReport {
  int task = 0, epoch = 0, step = 0, steps = 0;
  int64_t images_done = 0;  ///< in this epoch
  double loss = 0;
};

/// Told about progress; either may be empty.
struct Watcher {
  std::function<void(const StepReport&)> on_step;
  std::function<void(const EpochReport&)> on_epoch;
};

class Trainer {
 public:
  Trainer(IncrementalNet& net, const Recipe& recipe, const TrainOptions& options, const DeviceImages& images,
          uint64_t seed, Watcher watcher);

  /// Learns one task: `pool` is what it trains on (exemplars included), `validation` may be empty. `old` is the model
  /// before this task, null in the first. Throws if the loss stops being a number.
  void learn(const TaskContext& task, const Pool& pool, const Pool& validation, IncrementalNet* old);

 private:
  struct Epoch;  // what one pass over the pool needs
  void warm_up(const TaskContext& task, const Pool& pool);
  double run_epoch(Epoch& epoch);
  Tensor total_loss(const Recipe& recipe, const NetOutput& student, const Tensor& images, const Tensor& labels,
                    const TaskContext& task, IncrementalNet* old);
  void validate(const TaskContext& task, const Pool& validation, IncrementalNet* old, EpochReport& report);
  bool backbone_frozen(const TaskContext& task) const;
  bool learns(const std::string& name, const TaskContext& task) const;
  Mode mode_for(const TaskContext& task) const;
  std::unique_ptr<Schedule> make_schedule(int epochs) const;

  IncrementalNet& net_;
  const Recipe& recipe_;
  const TrainOptions& options_;
  const DeviceImages& images_;
  RandomKey shuffle_key_, augment_key_;
  Watcher watcher_;
};

}  // namespace mneme
