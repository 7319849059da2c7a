#include "optim/schedule.h"

#include <cmath>
#include <numbers>

#include "engine/base/error.h"

namespace mneme {
namespace {

class MultiStep final : public Schedule {
 public:
  MultiStep(double rate, std::vector<int> milestones, double factor)
      : rate_(rate), milestones_(std::move(milestones)), factor_(factor) {}
  double first_rate() const override { return at(0); }
  ScheduleStep after_epoch(int epoch, double) override { return {at(epoch + 1)}; }

 private:
  double at(int epoch) const {
    double rate = rate_;
    for (int milestone : milestones_)
      if (epoch >= milestone) rate *= factor_;
    return rate;
  }
  double rate_;
  std::vector<int> milestones_;
  double factor_;
};

class Cosine final : public Schedule {
 public:
  Cosine(double rate, int epochs, int lag) : rate_(rate), epochs_(epochs), lag_(lag) {}
  double first_rate() const override { return at(0); }
  ScheduleStep after_epoch(int epoch, double) override { return {at(epoch + 1)}; }

 private:
  double at(int epoch) const {
    return rate_ / 2 * (1 + std::cos(std::numbers::pi * std::max(0, epoch - lag_) / epochs_));
  }
  double rate_;
  int epochs_, lag_;
};

class Patience final : public Schedule {
 public:
  explicit Patience(const PatienceOptions& options) : options_(options), rate_(options.lr), left_(options.patience) {}
  double first_rate() const override { return options_.lr; }
  bool keeps_best() const override { return true; }

  ScheduleStep after_epoch(int, double loss) override {
    if (loss < best_) {
      best_ = loss;
      left_ = options_.patience;
      return {rate_, true};
    }
    if (--left_ > 0) return {rate_};
    rate_ /= options_.factor;
    left_ = options_.patience;
    if (rate_ < options_.least) return {rate_, false, true, true};
    return {rate_, false, true};
  }

  std::vector<double> state() const override { return {rate_, best_, static_cast<double>(left_)}; }
  void restore(const std::vector<double>& state) override {
    MNEME_CHECK(state.size() == 3, "the saved state of a patience schedule has {} numbers instead of 3", state.size());
    rate_ = state[0];
    best_ = state[1];
    left_ = static_cast<int>(state[2]);
  }

 private:
  PatienceOptions options_;
  double rate_, best_ = std::numeric_limits<double>::infinity();
  int left_;
};

void check_rate(double rate) {
  MNEME_CHECK(rate > 0 && std::isfinite(rate), "a learning rate must be positive, got {}", rate);
}

}  // namespace

void Schedule::restore(const std::vector<double>& state) {
  MNEME_CHECK(state.empty(), "this schedule remembers nothing, but {} numbers were saved of it", state.size());
}

std::unique_ptr<Schedule> multi_step_schedule(double rate, std::vector<int> milestones, double factor) {
  check_rate(rate);
  return std::make_unique<MultiStep>(rate, std::move(milestones), factor);
}

std::unique_ptr<Schedule> cosine_schedule(double rate, int epochs, int lag) {
  check_rate(rate);
  MNEME_CHECK(epochs > 0, "a cosine schedule needs at least one epoch, got {}", epochs);
  return std::make_unique<Cosine>(rate, epochs, lag);
}

std::unique_ptr<Schedule> patience_schedule(const PatienceOptions& options) {
  check_rate(options.lr);
  MNEME_CHECK(options.factor > 1 && options.patience > 0,
              "a patience schedule needs factor > 1 and patience > 0, got {} and {}", options.factor, options.patience);
  return std::make_unique<Patience>(options);
}

}  // namespace mneme
