#include "incremental/experiment/storage/run_log.h"

#include <fmt/format.h>

#include <cmath>

#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/tensorboard.h"

namespace mneme {
namespace {

/// The steps are epochs, counted over all tasks from 1.
std::string events_of_epoch(const RunResult& run, std::size_t index) {
  const EpochRecord& epoch = run.epochs[index];
  std::vector<Scalar> scalars = {{epoch.stage + "/loss", epoch.loss},
                                 {epoch.stage + "/learning_rate", epoch.lr},
                                 {"speed/images_per_second", static_cast<double>(epoch.images) / epoch.seconds}};
  for (const auto& [name, share] : epoch.terms) scalars.emplace_back(epoch.stage + "/loss_terms/" + name, share);
  if (epoch.gradient_norm) scalars.emplace_back(epoch.stage + "/gradient_norm", *epoch.gradient_norm);
  for (const auto& [name, value] : epoch.numbers) scalars.emplace_back("method/" + name, value);
  if (epoch.validation_loss) scalars.emplace_back("validation/loss", *epoch.validation_loss);
  if (epoch.validation_accuracy) scalars.emplace_back("validation/accuracy", *epoch.validation_accuracy);
  return scalar_event(epoch.ended, static_cast<std::int64_t>(index) + 1, scalars);
}

double end_of_task(const RunResult& run, int task) {
  double ended = 0;
  for (const EpochRecord& epoch : run.epochs)
    if (epoch.task <= task) ended = epoch.ended;
  return ended;
}

/// The steps are tasks, counted from 1.
std::string events_of_task(const RunResult& run, int task) {
  const auto row = static_cast<std::size_t>(task);
  std::vector<Scalar> scalars;
  const auto add = [&](const std::string& rule, const AccuracyMatrix& accuracy) {
    scalars.emplace_back("after_each_task/accuracy_" + rule, accuracy_per_step(run, accuracy)[row]);
    if (const double lost = mean_forgetting_per_step(accuracy)[row]; std::isfinite(lost))
      scalars.emplace_back("after_each_task/forgetting_" + rule, lost);
    for (std::size_t u = 0; u <= row; ++u)
      scalars.emplace_back(fmt::format("accuracy_{}/on_task_{}", rule, u + 1), accuracy.rows()[row][u]);
  };
  add("task_agnostic", run.task_agnostic);
  add("task_aware", run.task_aware);
  return scalar_event(end_of_task(run, task), task + 1, scalars);
}

/// In the order in which a run without interruption adds them: the epochs of a task, then its accuracies.
std::string all_events(const RunResult& run) {
  std::string events = first_event(0);
  std::size_t next = 0;
  for (int task = 0; task <= run.tasks_done(); ++task) {
    for (; next < run.epochs.size() && run.epochs[next].task <= task; ++next) events += events_of_epoch(run, next);
    if (task < run.tasks_done()) events += events_of_task(run, task);
  }
  return events;
}

}  // namespace

RunLog::RunLog(const RunFolder& folder, const RunResult& so_far) : folder_(folder) {
  std::vector<nlohmann::json> metrics, timing;
  for (const EpochRecord& epoch : so_far.epochs) {
    metrics.push_back(as_json(epoch));
    timing.push_back(timing_as_json(epoch));
  }
  folder_.write_metrics(metrics);
  folder_.write_timing(timing);
  folder_.write_events(all_events(so_far));
}

bool read_times(const RunFolder& folder, RunResult& run) {
  const std::vector<nlohmann::json> lines = folder.timing();
  if (lines.size() != run.epochs.size()) return false;
  const auto number = [](const nlohmann::json& line, const char* key) {
    const auto found = line.find(key);
    return found != line.end() && found->is_number() ? found->get<double>() : std::nan("");
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    run.epochs[i].seconds = number(lines[i], "seconds");
    run.epochs[i].ended = number(lines[i], "ended");
    if (std::isnan(run.epochs[i].seconds) || std::isnan(run.epochs[i].ended)) return false;
  }
  return true;
}

bool has_whole_events(const RunFolder& folder, const RunResult& run) { return folder.events() == all_events(run); }

void write_logs_again(const RunFolder& folder, const RunResult& run) {
  std::vector<nlohmann::json> metrics;
  for (const EpochRecord& epoch : run.epochs) metrics.push_back(as_json(epoch));
  folder.write_metrics(metrics);
  folder.write_events(all_events(run));
}

void RunLog::add_epoch(const RunResult& so_far) const {
  folder_.append_metrics(as_json(so_far.epochs.back()));
  folder_.append_timing(timing_as_json(so_far.epochs.back()));
  folder_.append_events(events_of_epoch(so_far, so_far.epochs.size() - 1));
}

void RunLog::add_task(const RunResult& so_far) const {
  folder_.append_events(events_of_task(so_far, so_far.tasks_done() - 1));
}

}  // namespace mneme
