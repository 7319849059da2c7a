#include "incremental/experiment.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/device.h"
#include "engine/safetensors.h"
#include "incremental/atomic_file.h"
#include "incremental/report/key_numbers.h"
#include "incremental/report/report.h"
#include "incremental/run_log.h"

namespace mneme {
namespace {

using nlohmann::json;

EpochRecord record_of(const EpochReport& epoch) {
  EpochRecord record{epoch.task, epoch.epoch,         epoch.stage,   epoch.loss,
                     {},         epoch.learning_rate, epoch.seconds, epoch.images};
  if (std::isfinite(epoch.validation_accuracy)) record.validation_accuracy = epoch.validation_accuracy;
  return record;
}

std::unique_ptr<IncrementalNet> make_net(const ExperimentOptions& options, Factory& factory) {
  auto backbone = std::make_unique<CifarResNet>(options.network, factory);
  auto heads = std::make_unique<LinearHeads>(backbone->feature_size());
  return std::make_unique<IncrementalNet>(std::move(backbone), std::move(heads));
}

const ExperimentOptions& checked(const ExperimentOptions& options) {
  check_ranges(options);
  return options;
}

}  // namespace

Experiment::Experiment(const ExperimentOptions& options, const ResidentDataset& data)
    : options_(checked(options)),
      data_(data),
      data_settings_(data_settings(data)),
      scenario_(make_scenario(data, options.scenario, options.seed)),
      recipe_(make_recipe(options.method, options.method_options)),
      train_images_(data.train, options.device),
      test_images_(data.test, options.device),
      factory_(options.seed, options.device),
      net_(make_net(options, factory_)) {
  check_options();
  if (!options_.first_task_from.empty()) first_task_weights_ = weights_of_first_task();
  describe(result_);
}

void Experiment::check_options() const {
  const bool remembers = options_.memory.kind != MemoryBudget::Kind::none;
  if (recipe_.forbids_exemplars && remembers)
    fail_usage("{} trains on all images already: leave out --memory-per-class and --memory-total", options_.method);
  if (recipe_.wants_exemplars && !remembers)
    fail_usage("{} needs exemplars: give --memory-per-class (20 is usual) or --memory-total", options_.method);
  if (remembers && options_.memory.images < 1)
    fail_usage("a memory of {} images keeps nothing: give at least 1", options_.memory.images);
  if (options_.train.schedule == ScheduleKind::patience && options_.scenario.validation_fraction == 0)
    fail_usage("--schedule patience judges by validation images: give --validation more than 0");
  options_.memory.per_class(static_cast<int>(scenario_.order.size()));
}

Pool Experiment::images_of(const std::vector<Pool>& per_task, int task) const {
  Pool pool;
  for (int t = recipe_.train_on == TrainOn::all_so_far ? 0 : task; t <= task; ++t)
    pool.append(per_task[static_cast<size_t>(t)]);
  return pool;
}

Pool Experiment::training_pool(int task) const {
  Pool pool = images_of(scenario_.train, task);
  for (size_t k = 0; k < memory_.classes().size(); ++k)
    for (const Exemplar& exemplar : memory_.classes()[k]) pool.append({{exemplar.index}, {static_cast<int>(k)}});
  return pool;
}

TaskContext Experiment::context_of(int task, const Pool& pool) const {
  TaskContext context;
  context.task = task;
  context.task_sizes = {scenario_.classes_per_task.begin(), scenario_.classes_per_task.begin() + task + 1};
  context.class_counts.assign(static_cast<size_t>(context.classes()), 0);
  for (int label : pool.labels) ++context.class_counts[static_cast<size_t>(label)];
  context.has_exemplars = !memory_.empty();
  context.like = factory_.like();
  return context;
}

std::vector<Exemplar> Experiment::choose(int label, std::vector<int> images, int count, int task) {
  Candidates candidates{std::move(images), {}, {}, label};
  if (options_.selection != Selection::random) {
    Answers given = answers(*net_, train_images_, candidates.indices, true);
    candidates.features = std::move(given.features);
    candidates.logits = std::move(given.logits);
  }
  uint32_t draws = 0;
  const RandomKey key = random_key(options_.seed, Stream::exemplars);
  return select_exemplars(options_.selection, candidates, count, [&](uint32_t n) {
    return uniform_int(key, {static_cast<uint32_t>(task), 0, static_cast<uint32_t>(label), draws++}, n);
  });
}

/// After a task: room is made by dropping the lowest ranks (or by choosing anew), then the new classes are chosen.
void Experiment::update_memory(int task) {
  if (options_.memory.kind == MemoryBudget::Kind::none) return;
  const int first_new = net_->offset(task), classes = net_->classes(), count = options_.memory.per_class(classes);
  for (int k = 0; options_.reselect_old && k < first_new; ++k) {
    std::vector<int> kept;
    for (const Exemplar& exemplar : memory_.classes()[static_cast<size_t>(k)]) kept.push_back(exemplar.index);
    memory_.set(k, choose(k, kept, count, task));
  }
  memory_.truncate(count);
  std::vector<std::vector<int>> images(static_cast<size_t>(classes));
  const Pool& pool = scenario_.train[static_cast<size_t>(task)];
  for (size_t i = 0; i < pool.size(); ++i) images[static_cast<size_t>(pool.labels[i])].push_back(pool.images[i]);
  for (int k = first_new; k < classes; ++k) memory_.set(k, choose(k, images[static_cast<size_t>(k)], count, task));
  for (size_t k = 0; k < memory_.classes().size(); ++k)
    for (size_t rank = 0; rank < memory_.classes()[k].size(); ++rank) {
      const Exemplar& exemplar = memory_.classes()[k][rank];
      ledger_.push_back({task, static_cast<int>(k), static_cast<int>(rank), exemplar.index, exemplar.distance});
    }
}

json Experiment::first_task() const {
  const bool plain =
      recipe_.is_cross_entropy(context_of(0, training_pool(0))) && recipe_.freeze_backbone_after.value_or(0) >= 0;
  return first_task_settings(options_, data_settings_, scenario_, plain ? "cross-entropy" : options_.method);
}

/// What another run learned first, after making sure that training here would have learned the same.
std::vector<std::pair<std::string, Tensor>> Experiment::weights_of_first_task() const {
  const std::filesystem::path settings = options_.first_task_from / "run.json",
                              weights = options_.first_task_from / "models" / "task_00.safetensors";
  std::ifstream file(settings);
  MNEME_CHECK(file, "--first-task-from: cannot read {}: give the output folder of a finished run", settings.string());
  const json all = json::parse(file, nullptr, false), ours = first_task();
  MNEME_CHECK(all.is_object() && all.contains("first_task") && all["first_task"].is_object(),
              "--first-task-from: {} does not say how its first task was trained; is it this program's?",
              settings.string());
  const json& theirs = all["first_task"];
  for (const auto& [key, value] : ours.items())
    MNEME_CHECK(theirs.contains(key) && theirs[key] == value,
                "--first-task-from: {} was run with another first task: its {} differs ({})",
                options_.first_task_from.string(), key, json::diff(theirs.value(key, json()), value).dump());
  const auto learned = read_safetensors(weights).tensors;
  Factory factory(options_.seed, options_.device);
  const std::unique_ptr<IncrementalNet> trial = make_net(options_, factory);
  trial->grow(scenario_.classes_per_task[0], factory);
  load_state(*trial, learned);  // throws unless they fit
  return learned;
}

json Experiment::settings() const {
  json all = settings_of(options_, data_settings_, scenario_);
  all["first_task"] = first_task();
  if (!options_.first_task_from.empty()) all["first_task_from"] = options_.first_task_from.string();
  return all;
}

void Experiment::describe(RunResult& result) const {
  result.method = options_.method;
  result.description = recipe_.description;
  result.data_set = data_.train.info.name;
  result.seed = options_.seed;
  result.classes_per_task = scenario_.classes_per_task;
  for (const Pool& pool : scenario_.test) result.test_images_per_task.push_back(static_cast<double>(pool.size()));
  result.class_names = scenario_.class_names;
  result.published = options_.published;
  result.remarks = options_.remarks;
  result.settings = settings();
}

void Experiment::record(RunFolder& folder, const Tally& tally) {
  result_.task_aware.add_row(tally.task_aware);
  result_.task_agnostic.add_row(tally.task_agnostic);
  result_.confusion = tally.confusion;
  folder.write_accuracies(result_.task_aware, result_.task_agnostic);
  if (options_.memory.kind != MemoryBudget::Kind::none) folder.write_exemplars(ledger_);
  if (options_.save_models)
    write_file_atomically(folder.model_path(task_),
                          to_safetensors(named_state(*net_), {{"classes", std::to_string(net_->classes())}}));
  folder.write_confusion(result_.confusion);
  folder.write_summary(summary(result_));
  folder.write_report(report_html(result_));
}

/// Makes room for the classes of the next task.
void Experiment::grow() {
  net_->grow(scenario_.classes_per_task[static_cast<size_t>(net_->tasks())], factory_);
  recipe_.grow(*net_);
}

void Experiment::run_task(RunFolder& folder, const ExperimentWatcher& watcher, Trainer& trainer) {
  if (net_->tasks() == task_) grow();
  const Pool pool = training_pool(task_);
  const TaskContext context = context_of(task_, pool);
  if (watcher.on_task_start) watcher.on_task_start(task_, context, pool);
  if (task_ == 0 && !first_task_weights_.empty())
    load_state(*net_, first_task_weights_);
  else
    trainer.learn(context, pool, images_of(scenario_.validation, task_), old_.get(), std::exchange(train_, {}));
  update_memory(task_);
  if (recipe_.needs_teacher()) old_ = net_->frozen_copy();
  const Tally tally = evaluate(*net_, test_images_, scenario_.test, options_.prediction);
  record(folder, tally);
  if (watcher.on_task_end) watcher.on_task_end(task_, tally, result_);
}

/// Writes a checkpoint where an epoch or task ends, and wherever the run is asked to stop.
void Experiment::keep(RunFolder& folder, const TrainState& state, const ExperimentWatcher& watcher) {
  const bool stop = watcher.stop_requested && watcher.stop_requested();
  if (state.step > 0 && !stop) return;
  folder.checkpoints().write(checkpoint(state));
  if (!stop) return;
  const std::string where = state.stage.empty() ? fmt::format("before task {}", task_ + 1)
                                                : fmt::format("in task {}, stage {}, epoch {}, step {}", task_ + 1,
                                                              state.stage, state.epoch + 1, state.step);
  throw Interrupted(fmt::format("stopped {}; everything is saved", where));
}

RunResult Experiment::run(RunFolder& folder, const ExperimentWatcher& watcher) {
  folder.write_settings(result_.settings);
  const RunLog log(folder, result_);
  Watcher training = watcher.training;
  training.on_epoch = [&](const EpochReport& epoch) {
    result_.epochs.push_back(record_of(epoch));
    log.add(result_.epochs.back());
    if (watcher.training.on_epoch) watcher.training.on_epoch(epoch);
  };
  training.on_state = [&](const TrainState& state) { keep(folder, state, watcher); };
  Trainer trainer(*net_, recipe_, options_.train, train_images_, options_.seed, training);
  while (task_ < scenario_.tasks_to_run) {
    run_task(folder, watcher, trainer);
    ++task_;
    if (task_ < scenario_.tasks_to_run) keep(folder, {}, watcher);
  }
  folder.checkpoints().remove();
  return result_;
}

}  // namespace mneme
