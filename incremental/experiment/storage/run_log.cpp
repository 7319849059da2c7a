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

std::string all_events(const RunResult& run) {
  std::string events = first_event(run.epochs.empty() ? 0 : run.epochs[0].ended);
  for (std::size_t i = 0; i < run.epochs.size(); ++i) events += events_of_epoch(run, i);
  for (int task = 0; task < run.tasks_done(); ++task) events += events_of_task(run, task);
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

void RunLog::add_epoch(const RunResult& so_far) const {
  folder_.append_metrics(as_json(so_far.epochs.back()));
  folder_.append_timing(timing_as_json(so_far.epochs.back()));
  folder_.append_events(events_of_epoch(so_far, so_far.epochs.size() - 1));
}

void RunLog::add_task(const RunResult& so_far) const {
  folder_.append_events(events_of_task(so_far, so_far.tasks_done() - 1));
}

}  // namespace mneme
