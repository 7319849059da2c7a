#pragma once
// Options of training that do not depend on the method: duration, learning rate, optimiser, augmentation.

#include <memory>
#include <string>
#include <vector>

#include "data/batches/image_source.h"
#include "optim/schedule.h"
#include "optim/sgd.h"

namespace mneme {

/// Learning rate schedules: docs/methods/protocol.md#schedules.
enum class ScheduleKind { steps, cosine, patience, constant };
/// The schedule called "steps", "cosine", "patience" or "constant". Throws UsageError for other names; the message
/// lists these.
ScheduleKind schedule_named(const std::string& name);
/// The name that schedule_named() accepts.
const char* name_of(ScheduleKind kind);

/// Options of the training of one task.
struct TrainOptions {
  int epochs = 30;                              ///< epochs per task
  int base_epochs = 0;                          ///< epochs of the first task; 0: `epochs`
  int batch_size = 128;                         ///< images per batch
  double learning_rate = 0.1;                   ///< initial learning rate
  ScheduleKind schedule = ScheduleKind::steps;  ///< learning rate schedule
  /// Steps: where the learning rate drops, as fractions of the epochs.
  std::vector<double> milestones = {0.4, 0.6, 0.8};
  double lr_gamma = 0.1;                                  ///< steps: the factor of each drop
  int schedule_lag = 0;                                   ///< cosine: number of epochs by which the curve is delayed
  PatienceOptions patience;                               ///< patience: all options but the learning rate
  SgdOptions sgd{.momentum = 0.9, .weight_decay = 2e-4};  ///< options of SGD
  double clip_norm = 0;                                   ///< the maximum norm of the gradient; 0: no clipping
  /// The maximum absolute value of a gradient element, applied before clip_norm; 0: no clipping.
  double clip_value = 0;
  int warmup_epochs = 0;     ///< from the second task on: epochs that train only the new head before the main stage
  double warmup_factor = 1;  ///< factor of the learning rate in the warm-up
  bool fix_bn = false;       ///< batch norm uses its running statistics from the second task on
  bool drop_last = false;    ///< every epoch drops an incomplete last batch
  int later_divisor = 1;     ///< from the second task on: divisor of epochs and milestones, rounded down
  bool lr_by_task = false;   ///< the learning rate is divided by the number of the task, from 1
  /// The main stage of a task continues with the momentum of the previous task's main stage.
  bool keep_momentum = false;
  Augmentation augmentation{.crop = Crop::pad_crop, .flip = true};  ///< augmentation of training images
};

/// The epochs, from 0, at which the steps schedule lowers the rate: never before the first epoch, and each once,
/// however few the epochs are.
std::vector<int> drops_of(const TrainOptions& options);
/// The options of the main stage of `task` (from 0): applies base_epochs, later_divisor and lr_by_task.
TrainOptions for_task(TrainOptions options, int task);

/// The learning rate schedule over options.epochs epochs.
std::unique_ptr<Schedule> make_schedule(const TrainOptions& options);

}  // namespace mneme
