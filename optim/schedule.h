#pragma once
// Learning rates over the epochs of one task.

#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace mneme {

/// What to do after an epoch.
struct ScheduleStep {
  double learning_rate;         ///< for the next epoch
  bool improved = false;        ///< this epoch's model is the best so far: keep it
  bool return_to_best = false;  ///< continue from the best model
  bool stop = false;            ///< the task ends here
};

class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual double first_rate() const = 0;
  /// `validation_loss` is NaN when there is no validation set.
  virtual ScheduleStep after_epoch(int epoch, double validation_loss) = 0;
  /// True if decisions rest on the validation loss, and the task ends with the best model rather than the last.
  virtual bool keeps_best() const { return false; }
  /// What its decisions rest on besides its options, for checkpoints; and going on from there. Throws when `state` is
  /// not of this schedule.
  virtual std::vector<double> state() const { return {}; }
  virtual void restore(const std::vector<double>& state);
};

/// rate * factor^(number of milestones <= epoch), epochs counted from 0: the milestone epoch is the first with the
/// lower rate.
std::unique_ptr<Schedule> multi_step_schedule(double rate, std::vector<int> milestones, double factor);

/// rate/2 (1 + cos(pi epoch / epochs)). `lag` > 0 delays the curve by so many epochs (PODNet's released code: 1).
std::unique_ptr<Schedule> cosine_schedule(double rate, int epochs, int lag = 0);

/// FACIL's scheme: after `patience` epochs without a lower validation loss the rate is divided by `factor` and training
/// returns to the best model; below `least` it stops. The task always ends with the best model. A NaN loss is no
/// improvement.
struct PatienceOptions {
  double lr = 0.1, factor = 3, least = 1e-4;
  int patience = 5;
};
std::unique_ptr<Schedule> patience_schedule(const PatienceOptions& options);

}  // namespace mneme
