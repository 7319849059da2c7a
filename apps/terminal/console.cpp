#include "apps/terminal/console.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/counted.h"
#include "engine/base/parallel.h"
#include "engine/device.h"
#include "incremental/report/results/key_numbers.h"

namespace mneme {

std::string duration_text(double seconds) {
  const auto s = static_cast<int64_t>(std::lround(std::max(0.0, seconds)));
  if (s >= 3600) return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
  if (s >= 60) return fmt::format("{} min {:02} s", s / 60, s % 60);
  return fmt::format("{} s", s);
}

std::string machine_text(Device device) {
  const std::string name = backend(device).describe();
  return device == Device::cpu ? fmt::format("{}, {}", name, counted(threads(), "thread")) : name;
}

Console::Console(const ExperimentOptions& options, const Scenario& scenario, ProgressBar line)
    : options_(options), scenario_(scenario), line_(line), progress_(options.train, scenario) {}

ExperimentCallbacks Console::callbacks() {
  ExperimentCallbacks w;
  w.on_task_start = [this](int task, const TaskContext& context, const Subset& subset) {
    start_task(task, context, subset);
  };
  w.on_task_end = [this](int task, const EvaluationResult& evaluation, const RunResult& so_far) {
    end_task(task, evaluation, so_far);
  };
  w.training.on_step = [this](const StepReport& report) { step(report); };
  w.training.on_epoch = [this](const EpochReport& report) { epoch(report); };
  return w;
}

void Console::start_task(int task, const TaskContext& context, const Subset& subset) {
  progress_.start_task(task, static_cast<int64_t>(subset.size()));
  line_.keep(fmt::format("task {}/{}: classes {} to {}, {} images", task + 1, scenario_.tasks_to_run,
                         context.old_classes(), context.classes() - 1, subset.size()));
}

void Console::step(const StepReport& report) {
  progress_.saw(report);
  if (!line_.due()) return;
  const double seconds = std::chrono::duration<double>(ProgressBar::Clock::now() - started_).count();
  const double rate = static_cast<double>(progress_.images_seen()) / seconds;
  const std::string stage = report.stage == Stage().name ? "" : report.stage + ", ";
  line_.show(fmt::format("task {}/{}  {}epoch {}/{}  step {}/{}  loss {:.3f}{}  {:.0f} images/s  {}{} left",
                         report.task + 1, scenario_.tasks_to_run, stage, report.epoch, report.epochs, report.step,
                         report.steps, report.loss, last_epoch_, rate,
                         options_.train.schedule == ScheduleKind::patience ? "at most " : "",
                         duration_text(progress_.images_left() / rate)));
}

void Console::epoch(const EpochReport& report) {
  last_epoch_ = std::isfinite(report.validation_accuracy)
                    ? fmt::format("  validation {:.1f} %", 100 * report.validation_accuracy)
                    : "";
  if (report.capture_obstacle == slow_because_) return;
  slow_because_ = report.capture_obstacle;
  if (!slow_because_.empty())
    line_.keep(fmt::format("  steps are not captured into a graph, which would be faster: {}", slow_because_));
}

void Console::end_task(int task, const EvaluationResult&, const RunResult& so_far) {
  last_epoch_.clear();
  line_.keep(fmt::format("  after task {}: task-agnostic {:.1f} % (top-5 {:.1f} %), task-aware {:.1f} %  ({})",
                         task + 1, 100 * accuracy_per_step(so_far, so_far.task_agnostic).back(),
                         100 * accuracy_per_step(so_far, so_far.top5).back(),
                         100 * accuracy_per_step(so_far, so_far.task_aware).back(),
                         duration_text(std::chrono::duration<double>(ProgressBar::Clock::now() - started_).count())));
}

}  // namespace mneme
