#pragma once
// Learning rates over the epochs of one task.

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace mneme {

/// The decisions of a schedule after an epoch.
struct ScheduleStep {
  double learning_rate;         ///< for the next epoch
  bool improved = false;        ///< the model of this epoch is the best so far and must be kept
  bool return_to_best = false;  ///< training continues from the best model
  bool stop = false;            ///< the task ends here
};

/// Decides after every epoch of a task. One object serves one task.
class Schedule {
 public:
  virtual ~Schedule() = default;
  /// The learning rate of the first epoch.
  virtual double first_rate() const = 0;
  /// Decides what to do after `epoch` (counted from 0). `validation_loss` is NaN if there is no validation set.
  virtual ScheduleStep after_epoch(int epoch, double validation_loss) = 0;
  /// True if decisions depend on the validation loss, and the task ends with the best model instead of the last one.
  virtual bool keeps_best() const { return false; }
  /// The numbers, besides the options, on which the decisions depend. Checkpoints store them.
  virtual std::vector<double> state() const { return {}; }
  /// Continues from a saved state. Throws Error if `state` does not have the length of this schedule's state.
  virtual void restore(const std::vector<double>& state);
};

/// The rate in an epoch is rate * factor^(number of milestones <= epoch), with epochs counted from 0: the milestone
/// epoch is the first with the lower rate. Throws Error unless `rate` is positive and finite.
std::unique_ptr<Schedule> multi_step_schedule(double rate, std::vector<int> milestones, double factor);

/// The rate in an epoch is rate/2 (1 + cos(pi max(0, epoch - lag) / epochs)); Loshchilov and Hutter, "SGDR", ICLR 2017,
/// without restarts. The released code of PODNet has lag 1. Throws Error unless `rate` is positive and finite and
/// epochs > 0.
std::unique_ptr<Schedule> cosine_schedule(double rate, int epochs, int lag = 0);

/// The options of patience_schedule().
struct PatienceOptions {
  double lr = 0.1,   ///< first learning rate
      factor = 3,    ///< divides the rate, > 1
      least = 1e-4;  ///< training stops below this rate
  int patience = 5;  ///< epochs without a lower validation loss, > 0
};
/// FACIL's scheme. After `patience` epochs without a lower validation loss, the rate is divided by `factor` and
/// training returns to the best model; if the rate is then below `least`, training stops. The task always ends with the
/// best model. A NaN is no improvement. Throws Error for options outside their ranges.
std::unique_ptr<Schedule> patience_schedule(const PatienceOptions& options);

}  // namespace mneme
