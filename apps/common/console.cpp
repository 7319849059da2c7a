#include "apps/common/console.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <utility>

#include "engine/device.h"
#include "engine/parallel.h"
#include "incremental/report/key_numbers.h"

namespace mneme {

std::string duration_text(double seconds) {
  const auto s = static_cast<int64_t>(std::lround(std::max(0.0, seconds)));
  if (s >= 3600) return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
  if (s >= 60) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} s", s);
}

std::string machine_text(Device device) {
  const std::string name = backend(device).describe();
  return device == Device::cpu ? fmt::format("{}, {} threads", name, threads()) : name;
}

Console::Console(const ExperimentOptions& options, const Scenario& scenario, bool quiet)
    : options_(options), scenario_(scenario), quiet_(quiet), terminal_(isatty(STDOUT_FILENO) != 0) {}

ExperimentWatcher Console::watcher() {
  if (quiet_) return {};
  ExperimentWatcher w;
  w.on_task_start = [this](int task, const TaskContext& context, const Pool& pool) { start_task(task, context, pool); };
  w.on_task_end = [this](int task, const Tally& tally, const RunResult& so_far) { end_task(task, tally, so_far); };
  w.training.on_step = [this](const StepReport& report) { step(report); };
  w.training.on_epoch = [this](const EpochReport& report) { epoch(report); };
  return w;
}

void Console::line(const std::string& text) {
  fmt::print("{}{}\n", terminal_ ? "\r\033[K" : "", text);
  std::fflush(stdout);
}

void Console::live(const std::string& text) {
  if (!terminal_) return;
  fmt::print("\r\033[K{}", text);
  std::fflush(stdout);
}

int Console::epochs_of(int task) const { return for_task(options_.train, task).epochs; }

/// Images still to be seen, this task's rest and the tasks to come; with the patience schedule at most so many.
double Console::images_left(int64_t done_in_task) const {
  double left = static_cast<double>(pool_size_) * epochs_of(task_) - static_cast<double>(done_in_task);
  const double new_images = static_cast<double>(scenario_.train[static_cast<size_t>(task_)].size());
  const double extra = static_cast<double>(pool_size_) - new_images;
  for (int t = task_ + 1; t < scenario_.tasks_to_run; ++t)
    left += (static_cast<double>(scenario_.train[static_cast<size_t>(t)].size()) + extra) * epochs_of(t);
  return left;
}

void Console::start_task(int task, const TaskContext& context, const Pool& pool) {
  task_ = task;
  pool_size_ = static_cast<int64_t>(pool.size());
  line(fmt::format("task {}/{}: classes {} to {}, {} images", task + 1, scenario_.tasks_to_run, context.old_classes(),
                   context.classes() - 1, pool.size()));
}

void Console::step(const StepReport& report) {
  const auto now = Clock::now();
  if (!terminal_ || now - last_shown_ < std::chrono::milliseconds(200)) return;
  last_shown_ = now;
  const int64_t done_in_task = (report.epoch - 1) * pool_size_ + report.images_done;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double rate = static_cast<double>(images_done_ + done_in_task) / seconds;
  live(fmt::format("task {}/{}  epoch {}/{}  step {}/{}  loss {:.3f}{}  {:.0f} images/s  {}{} left", report.task + 1,
                   scenario_.tasks_to_run, report.epoch, epochs_of(report.task), report.step, report.steps, report.loss,
                   last_epoch_, rate, options_.train.schedule == ScheduleKind::patience ? "at most " : "",
                   duration_text(images_left(done_in_task) / rate)));
}

void Console::epoch(const EpochReport& report) {
  last_epoch_ = std::isfinite(report.validation_accuracy)
                    ? fmt::format("  validation {:.1f} %", 100 * report.validation_accuracy)
                    : "";
  done_in_task_ = pool_size_ * report.epoch;
}

void Console::end_task(int task, const Tally&, const RunResult& so_far) {
  last_epoch_.clear();
  images_done_ += std::exchange(done_in_task_, 0);
  line(fmt::format("  after task {}: task-agnostic {:.1f} % (top-5 {:.1f} %), task-aware {:.1f} %  ({})", task + 1,
                   100 * accuracy_per_step(so_far, so_far.task_agnostic).back(),
                   100 * accuracy_per_step(so_far, so_far.top5).back(),
                   100 * accuracy_per_step(so_far, so_far.task_aware).back(),
                   duration_text(std::chrono::duration<double>(Clock::now() - started_).count())));
}

}  // namespace mneme
