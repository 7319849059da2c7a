#include "incremental/experiment/experiment.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/base/stop.h"
#include "engine/base/version.h"
#include "engine/device.h"
#include "incremental/experiment/plan.h"
#include "incremental/experiment/reused_run.h"
#include "incremental/experiment/run_description.h"
#include "incremental/experiment/settings.h"
#include "incremental/experiment/storage/checkpoint_memory.h"
#include "incremental/experiment/storage/checkpoint_results.h"
#include "incremental/experiment/storage/checkpoint_train_state.h"
#include "incremental/experiment/storage/finished_record.h"
#include "incremental/experiment/storage/provenance.h"
#include "incremental/experiment/task_results.h"
#include "incremental/experiment/transfer.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/settings_difference.h"

namespace mneme {
namespace {

using nlohmann::json;

constexpr int checkpoint_format = 6;

EpochRecord record_of(const EpochReport& epoch) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  EpochRecord record{.task = epoch.task,
                     .epoch = epoch.epoch,
                     .stage = epoch.stage,
                     .loss = epoch.loss,
                     .lr = epoch.learning_rate,
                     .seconds = epoch.seconds,
                     .images = epoch.images,
                     .ended = std::chrono::duration<double>(now).count(),
                     .waited = epoch.waited,
                     .gradient_norm = epoch.gradient_norm,
                     .numbers = {epoch.numbers.begin(), epoch.numbers.end()}};
  for (const auto& [name, share] : epoch.terms) record.terms[name] += share;  // two terms may have one name
  if (std::isfinite(epoch.validation_loss)) record.validation_loss = epoch.validation_loss;
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

/// Throws Error if this device computes other bits than the one that `theirs` describes. Otherwise makes both
/// descriptions equal.
json with_backend_of(const std::string& what, json theirs, const json& ours) {
  if (!theirs.is_object() || !theirs.value("backend", json()).is_string()) return theirs;
  const std::string why = why_other_bits(theirs["backend"], ours.at("backend"));
  MNEME_CHECK(why.empty() || theirs.value("device", json()) != ours.at("device"),
              "{} cannot go on here to the same numbers: {}", what, why);
  if (why.empty()) theirs["backend"] = ours.at("backend");
  return theirs;
}

/// Throws Error, naming some of the differences, unless both settings are equal. `what` says where `theirs` are from.
void check_same(const std::string& what, json theirs, json ours) {
  theirs = with_backend_of(what, std::move(theirs), ours);
  if (theirs.is_object()) theirs.erase("left_out");  // the remarks about files beside the images may change
  ours.erase("left_out");
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

/// The provenance in the run.json that a run goes on with; null if it has none.
json provenance_in(const RunFolder& folder) {
  const json content = read_json(folder.path() / "run.json");
  return content.is_object() ? content.value("provenance", json()) : json();
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
  if (!options.reference.empty()) add_reference(result_, options.reference);
}

void Experiment::note_duration() {
  const auto now = Clock::now();
  if (result_.provenance.is_object())
    result_.provenance["seconds"] =
        result_.provenance.value("seconds", 0.0) + std::chrono::duration<double>(now - noted_).count();
  noted_ = now;
}

RunResult Experiment::run(RunFolder& folder, const ExperimentCallbacks& callbacks) {
  noted_ = Clock::now();
  const RunOrigin& origin = learner_.options().origin;
  result_.provenance = resumes_ ? resumed_provenance(provenance_in(folder), origin) : provenance_of(origin);
  folder.write_settings(run_json(result_));
  const RunLog log(folder, result_);
  while (!learner_.finished()) {
    run_task(folder, log, callbacks);
    learner_.next_task();
    if (!learner_.finished()) save_or_stop(folder, {}, callbacks);
  }
  write_finished_record(folder, record());
  folder.checkpoints().remove();
  return result_;
}

void Experiment::run_task(RunFolder& folder, const RunLog& log, const ExperimentCallbacks& callbacks) {
  const int task = learner_.task();
  if (learner_.options().forward_transfer && std::ssize(result_.forward_transfer) < task)
    result_.forward_transfer.push_back(forward_transfer(learner_));
  learner_.add_classes();
  const Subset train = learner_.replay_buffer().training(task);
  const TaskContext context = learner_.context(task, train);
  if (callbacks.on_task_start) callbacks.on_task_start(task, context, train);
  try {
    train_task(folder, log, callbacks, train);
  } catch (const StopAsked&) {
    throw Interrupted(fmt::format("stopped before a stage of task {}; everything before it is saved", task + 1));
  }
  const EvaluationResult evaluation = finish_task(folder, log, context, train);
  if (callbacks.on_task_end) callbacks.on_task_end(task, evaluation, result_);
}

/// What follows the training of a task. A run that is stopped here repeats it from the checkpoint at the end of the
/// training.
EvaluationResult Experiment::finish_task(const RunFolder& folder, const RunLog& log, const TaskContext& context,
                                         const Subset& train) try {
  const Stoppable stoppable;
  learner_.end_task(context, learner_.replay_buffer().new_images(context.task), train);
  EvaluationResult evaluation =
      evaluate(net(), learner_.images().test(), scenario().test, *learner_.method().rule, learner_.side_rule());
  add_evaluation(result_, net(), evaluation);
  note_duration();
  if (context.task + 1 == scenario().tasks_to_run) result_.provenance["ended"] = utc_now();
  folder.write_settings(run_json(result_));
  write_results(folder, result_, learner_);
  log.add_task(result_);
  folder.write_summary(summary(result_));
  return evaluation;
} catch (const StopAsked&) {
  throw Interrupted(fmt::format("stopped after the training of task {}, before its results; the training is saved",
                                context.task + 1));
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
  const auto stop = [&] {
    throw Interrupted(
        fmt::format("stopped in the grid search of task {}; earlier tasks are saved", learner_.task() + 1));
  };
  const auto after_step = [&] {
    if (callbacks.stop_requested && callbacks.stop_requested()) stop();
  };
  try {
    const Stoppable stoppable;
    result_.remarks.push_back(remark_on(grid_search_.search(train, after_step)));
  } catch (const StopAsked&) {
    stop();
  }
  folder.write_searches(grid_search_.results());
}

/// Writes a checkpoint at the end of an epoch or a task, and wherever the run is asked to stop.
void Experiment::save_or_stop(RunFolder& folder, const TrainState& state, const ExperimentCallbacks& callbacks) {
  const bool stop = callbacks.stop_requested && callbacks.stop_requested();
  if (state.step > 0 && !stop) return;
  folder.checkpoints().write(checkpoint(state));
  if (!stop) return;
  note_duration();
  folder.write_settings(run_json(result_));
  throw Interrupted(fmt::format("stopped {}; everything is saved", place_of(learner_.task(), state)));
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

/// The record that finished_record.h describes.
Checkpoint Experiment::record() const {
  RunResult timeless = result_;
  for (EpochRecord& epoch : timeless.epochs) epoch.seconds = epoch.waited = epoch.ended = 0;
  Checkpoint to;
  to.values = {{"format", checkpoint_format}, {"settings", result_.settings}, {"provenance", result_.provenance}};
  if (!added_later_.empty()) to.values["added_later"] = added_later_;
  save_results(to, timeless);
  save_searches(to, grid_search_.results());
  save_ledger(to, learner_.replay_buffer().ledger());
  if (learner_.images().learned()) save_learned_images(to, *learner_.images().learned());
  return to;
}

void Experiment::restore_results_of(const Checkpoint& from) {
  added_later_ = from.values.value("added_later", "");
  restore_results(from, result_);
  grid_search_.restore(searches_of(from));
  for (const SearchResult& search : grid_search_.results()) result_.remarks.push_back(remark_on(search));
}

void Experiment::restore(const Checkpoint& from) {
  train_state_ = train_state_of(from);
  restore_results_of(from);
  learner_.restore(from, !train_state_.stage.empty());
}

void Experiment::mend(RunFolder& folder, const std::function<void(const std::string&)>& say) {
  const std::optional<Checkpoint> record = finished_record(folder, say);
  if (!record) {
    say(fmt::format("whether the files of {} are whole cannot be told without {}", folder.path().string(),
                    RunFolder::record_file));
    return;
  }
  restore_results_of(*record);
  if (!added_later_.empty()) result_.remarks.push_back(added_later_);
  result_.settings = record->values.at("settings");
  result_.provenance = record->values.at("provenance");
  std::vector<std::string> broken = changed_files(folder, *record), lost;
  const bool knows_times = read_times(folder, result_);
  if (!knows_times) lost.push_back("timing.jsonl");
  if (knows_times && !has_whole_events(folder, result_)) broken.push_back("tensorboard");
  std::ranges::copy_if(broken, std::back_inserter(lost), [](const auto& name) { return name.starts_with("models/"); });
  std::erase_if(broken, [](const auto& name) { return name.starts_with("models/"); });
  if (!broken.empty()) {
    learner_.restore_finished(*record);
    write_again(folder, result_, learner_, grid_search_.results());
    if (lost.empty()) write_finished_record(folder, *record);
  }
  for (const std::string& name : broken)
    say(fmt::format("{} was missing or damaged, and has been written again", (folder.path() / name).string()));
  MNEME_CHECK(lost.empty(),
              "in {} these files are missing or damaged, and nothing else holds their content: {}; "
              "--overwrite makes the whole run anew",
              folder.path().string(), fmt::join(lost, ", "));
}

bool Experiment::resume(RunFolder& folder, const std::function<void(const std::string&)>& say) {
  const std::optional<Checkpoint> from = folder.checkpoints().newest(say);
  if (!from) return false;
  resumes_ = true;
  const json settings = from->values.value("settings", json());
  const bool adds = adds_drop_last(settings, result_.settings);
  check_same("the checkpoint in " + folder.path().string(),
             adds ? with_drop_last(settings, result_.settings) : settings, result_.settings);
  if (settings["version"] != result_.settings["version"])
    say(fmt::format("the run in {} was trained by version {} so far; version {} goes on with it",
                    folder.path().string(), settings["version"].get<std::string>(), version()));
  if (settings["backend"] != result_.settings["backend"])
    say(fmt::format("the run in {} was computed by {} so far; {} goes on with it, to the same bits",
                    folder.path().string(), settings["backend"].get<std::string>(),
                    result_.settings["backend"].get<std::string>()));
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
  const std::optional<Checkpoint> record = finished_record(folder, [](const std::string&) {});
  const json summary = read_json(folder.path() / "summary.json");
  json theirs =
      record ? record->values.value("settings", json()) : settings_in_run_json(read_json(folder.path() / "run.json"));
  if (theirs.is_null()) return false;
  const bool done = record || (summary.is_object() && summary.value("tasks_done", 0) == scenario().tasks_to_run);
  const bool complete = !folder.checkpoints().any() && done;
  // A complete run computes nothing any more, so that the device may differ.
  if (complete && theirs.is_object()) theirs["backend"] = result_.settings.at("backend");
  const bool goes_on = !complete && adds_drop_last(theirs, result_.settings);
  check_same("the run in " + folder.path().string(), goes_on ? with_drop_last(theirs, result_.settings) : theirs,
             result_.settings);
  return complete;
}

}  // namespace mneme
