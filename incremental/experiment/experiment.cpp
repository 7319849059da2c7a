#include "incremental/experiment/experiment.h"

#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/base/version.h"
#include "incremental/experiment/plan.h"
#include "incremental/experiment/reused_run.h"
#include "incremental/experiment/run_description.h"
#include "incremental/experiment/settings.h"
#include "incremental/experiment/storage/checkpoint_results.h"
#include "incremental/experiment/storage/checkpoint_train_state.h"
#include "incremental/experiment/task_results.h"
#include "incremental/report/results/settings_difference.h"

namespace mneme {
namespace {

using nlohmann::json;

constexpr int checkpoint_format = 5;

EpochRecord record_of(const EpochReport& epoch) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  EpochRecord record{epoch.task,    epoch.epoch,  epoch.stage,
                     epoch.loss,    {},           epoch.learning_rate,
                     epoch.seconds, epoch.images, std::chrono::duration<double>(now).count(),
                     epoch.waited,  epoch.learned};
  if (std::isfinite(epoch.validation_accuracy)) record.validation_accuracy = epoch.validation_accuracy;
  return record;
}

/// Settings with the release in place of the whole version: two builds of one release give the same results.
json with_release(json settings) {
  if (!settings.is_object() || !settings.value("version", json()).is_string()) return settings;
  const std::string version = settings["version"];
  settings["version"] = version.substr(0, version.find('+'));
  return settings;
}

/// Throws Error, naming some of the differences, unless both settings are equal. `what` says where `theirs` are from.
void check_same(const std::string& what, const json& theirs, const json& ours) {
  const std::string different =
      few_of(differences(with_release(theirs), with_release(ours)), "{} is {} there and {} here");
  MNEME_CHECK(different.empty(), "{} is of another run: {}; give the same flags, or start anew with --overwrite", what,
              different);
}

/// Whether `ours` gives --drop-last, the remedy for a last batch of one image, to a run that began without it.
bool adds_drop_last(const json& theirs, const json& ours) {
  const auto drops = [](const json& settings) {
    const json training = settings.is_object() ? settings.value("training", json()) : json();
    return training.is_object() && training.value("drop_last", false);
  };
  return theirs.is_object() && theirs.contains("training") && drops(ours) && !drops(theirs);
}

/// `theirs` as if that run had begun with --drop-last.
json with_drop_last(json theirs, const json& ours) {
  theirs["training"]["drop_last"] = true;
  theirs["protocol"] = ours.at("protocol");  // an id over the other settings
  if (json& first = theirs["first_task"]; first.is_object()) first["training"]["drop_last"] = true;
  return theirs;
}

/// Null if there is no such file.
json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return file ? json::parse(file, nullptr, false) : json();
}

/// Where a run stopped, for the message.
std::string place_of(int task, const TrainState& state) {
  if (state.stage.empty()) return fmt::format("before task {}", task + 1);
  return fmt::format("in task {}, stage {}, epoch {}, step {}", task + 1, state.stage, state.epoch + 1, state.step);
}

}  // namespace

Experiment::Experiment(const ExperimentOptions& options, const Dataset& data)
    : learner_(options, data), grid_search_(learner_) {
  check_tasks(learner_.options(), learner_.scenario(), data.train.info);
  const json about_data = data_settings(data), first_task = first_task_record(learner_, about_data);
  if (!options.first_task_from.empty())
    first_task_weights_ = first_task_of_run(options.first_task_from, learner_, first_task);
  result_ = describe_run(learner_, about_data, first_task);
}

RunResult Experiment::run(RunFolder& folder, const ExperimentCallbacks& callbacks) {
  folder.write_settings(result_.settings);
  const RunLog log(folder, result_);
  while (!learner_.finished()) {
    run_task(folder, log, callbacks);
    learner_.next_task();
    if (!learner_.finished()) save_or_stop(folder, {}, callbacks);
  }
  folder.checkpoints().remove();
  return result_;
}

void Experiment::run_task(RunFolder& folder, const RunLog& log, const ExperimentCallbacks& callbacks) {
  const int task = learner_.task();
  learner_.add_classes();
  const Subset train = learner_.replay_buffer().training(task);
  const TaskContext context = learner_.context(task, train);
  if (callbacks.on_task_start) callbacks.on_task_start(task, context, train);
  train_task(folder, log, callbacks, train);
  learner_.end_task(context, learner_.replay_buffer().new_images(task), train);
  const EvaluationResult evaluation =
      evaluate(net(), learner_.images().test(), scenario().test, *learner_.method().rule);
  add_evaluation(result_, net(), evaluation);
  write_results(folder, result_, learner_);
  log.add_task(result_);
  if (callbacks.on_task_end) callbacks.on_task_end(task, evaluation, result_);
}

void Experiment::train_task(RunFolder& folder, const RunLog& log, const ExperimentCallbacks& callbacks,
                            const Subset& train) {
  if (learner_.task() == 0 && !first_task_weights_.empty()) {
    load_state(net(), first_task_weights_);
    return;
  }
  if (grid_search_.wanted() && train_state_.stage.empty()) search(folder, callbacks, train);
  learner_.train(train, training_callbacks(folder, log, callbacks), std::exchange(train_state_, {}));
}

TrainingCallbacks Experiment::training_callbacks(RunFolder& folder, const RunLog& log,
                                                 const ExperimentCallbacks& callbacks) {
  TrainingCallbacks training = callbacks.training;
  training.on_epoch = [&](const EpochReport& epoch) {
    result_.epochs.push_back(record_of(epoch));
    log.add_epoch(result_);
    if (callbacks.training.on_epoch) callbacks.training.on_epoch(epoch);
  };
  training.on_state = [&](const TrainState& state) { save_or_stop(folder, state, callbacks); };
  return training;
}

/// A run that is stopped during a search repeats the whole search when it continues.
void Experiment::search(RunFolder& folder, const ExperimentCallbacks& callbacks, const Subset& train) {
  const auto after_step = [&] {
    if (callbacks.stop_requested && callbacks.stop_requested())
      throw Interrupted(
          fmt::format("stopped in the grid search of task {}; earlier tasks are saved", learner_.task() + 1));
  };
  result_.remarks.push_back(remark_on(grid_search_.search(train, after_step)));
  folder.write_searches(grid_search_.results());
}

/// Writes a checkpoint at the end of an epoch or a task, and wherever the run is asked to stop.
void Experiment::save_or_stop(RunFolder& folder, const TrainState& state, const ExperimentCallbacks& callbacks) {
  const bool stop = callbacks.stop_requested && callbacks.stop_requested();
  if (state.step > 0 && !stop) return;
  folder.checkpoints().write(checkpoint(state));
  if (stop) throw Interrupted(fmt::format("stopped {}; everything is saved", place_of(learner_.task(), state)));
}

Checkpoint Experiment::checkpoint(const TrainState& state) {
  Checkpoint to;
  to.values = {{"format", checkpoint_format}, {"settings", result_.settings}};
  if (!added_later_.empty()) to.values["added_later"] = added_later_;
  learner_.save(to);
  save_train_state(to, state);
  save_results(to, result_);
  save_searches(to, grid_search_.results());
  return to;
}

void Experiment::restore(const Checkpoint& from) {
  added_later_ = from.values.value("added_later", "");
  train_state_ = train_state_of(from);
  restore_results(from, result_);
  grid_search_.restore(searches_of(from));
  for (const SearchResult& search : grid_search_.results()) result_.remarks.push_back(remark_on(search));
  learner_.restore(from, !train_state_.stage.empty());
}

bool Experiment::resume(RunFolder& folder, const std::function<void(const std::string&)>& say) {
  const std::optional<Checkpoint> from = folder.checkpoints().newest(say);
  if (!from) return false;
  const json settings = from->values.value("settings", json());
  const bool adds = adds_drop_last(settings, result_.settings);
  check_same("the checkpoint in " + folder.path().string(),
             adds ? with_drop_last(settings, result_.settings) : settings, result_.settings);
  if (settings["version"] != result_.settings["version"])
    say(fmt::format("the run in {} was trained by version {} so far; version {} goes on with it",
                    folder.path().string(), settings["version"].get<std::string>(), version()));
  try {
    MNEME_CHECK(from->values.value("format", 0) == checkpoint_format, "its format is not {}", checkpoint_format);
    restore(*from);
    if (adds)
      added_later_ =
          fmt::format("--drop-last was added when the run went on {}.", place_of(learner_.task(), train_state_));
    if (!added_later_.empty()) result_.remarks.push_back(added_later_);
  } catch (const std::exception& error) {
    fail("the checkpoint in {} does not fit this program: {}; go on with the build that wrote it",
         folder.path().string(), error.what());
  }
  return true;
}

/// A run removes its checkpoints when it ends. While there is a checkpoint, the files that are written after the
/// summary may still be those of an earlier task.
bool Experiment::is_complete(const RunFolder& folder) const {
  const json theirs = read_json(folder.path() / "run.json"), summary = read_json(folder.path() / "summary.json");
  if (theirs.is_null()) return false;
  const bool complete =
      !folder.checkpoints().any() && summary.is_object() && summary.value("tasks_done", 0) == scenario().tasks_to_run;
  const bool goes_on = !complete && adds_drop_last(theirs, result_.settings);
  check_same("the run in " + folder.path().string(), goes_on ? with_drop_last(theirs, result_.settings) : theirs,
             result_.settings);
  return complete;
}

}  // namespace mneme
