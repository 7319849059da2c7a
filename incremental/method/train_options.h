#pragma once
// How long and by which rule a network is trained, apart from what its method says.

#include <memory>
#include <string>
#include <vector>

#include "data/batches/image_source.h"
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
  double lr_gamma = 0.1;                             ///< steps: what it is multiplied by
  int schedule_lag = 0;                              ///< cosine: epochs by which the curve comes late
  PatienceOptions patience;                          ///< patience: all but the rate
  SgdOptions sgd{.momentum = 0.9, .weight_decay = 2e-4};
  double clip_norm = 0;   ///< largest gradient norm; 0: no clipping
  double clip_value = 0;  ///< largest size of each of the gradient's numbers, before clip_norm; 0: no clipping by value
  int warmup_epochs = 0;  ///< from the second task on, the new head alone learns first
  double warmup_factor = 1;    ///< of the learning rate while warming up
  bool fix_bn = false;         ///< batch norm in inference mode from the second task on
  bool drop_last = false;      ///< a last batch that is not whole is left out of every epoch
  int later_divisor = 1;       ///< from the second task on, epochs and milestones are divided by it, rounded down
  bool lr_by_task = false;     ///< the rate is divided by the task's number, counted from 1
  bool keep_momentum = false;  ///< a task's main round goes on with the momentum that the last one's ended with
  Augmentation augmentation{.crop = Crop::pad_crop, .flip = true};
};

/// The options of a task's main round, task 0 being the first: base_epochs, later_divisor and lr_by_task applied.
TrainOptions for_task(TrainOptions options, int task);

/// The learning rates of `options.epochs` epochs.
std::unique_ptr<Schedule> make_schedule(const TrainOptions& options);

}  // namespace mneme
