#include "incremental/experiment/experiment.h"

#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/files/atomic_file.h"
#include "data/files/file_bytes.h"
#include "data/images/resize.h"
#include "engine/device.h"
#include "engine/safetensors.h"
#include "incremental/experiment/run_log.h"
#include "incremental/memory/exemplar_ledger.h"
#include "incremental/report/contact_sheet.h"
#include "incremental/report/report.h"
#include "incremental/report/results/key_numbers.h"

namespace mneme {
namespace {

using nlohmann::json;

EpochRecord record_of(const EpochReport& epoch) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  EpochRecord record{epoch.task,    epoch.epoch,  epoch.stage,
                     epoch.loss,    {},           epoch.learning_rate,
                     epoch.seconds, epoch.images, std::chrono::duration<double>(now).count(),
                     epoch.waited,  epoch.learned};
  if (std::isfinite(epoch.validation_accuracy)) record.validation_accuracy = epoch.validation_accuracy;
  return record;
}

std::vector<ClassOutput> last_layer_of(const IncrementalNet& net, const EvaluationResult& evaluation) {
  std::vector<ClassOutput> out;
  for (const ClassWeight& weight : net.classifier->class_weights())
    out.push_back({weight.length, weight.bias, evaluation.mean_logits[out.size()]});
  return out;
}

std::unique_ptr<IncrementalNet> make_net(const ExperimentOptions& options, Factory& factory) {
  auto backbone = make_backbone(options.network, factory);
  auto classifier = make_classifier(*options.classifier, backbone->feature_size(), factory);
  return std::make_unique<IncrementalNet>(std::move(backbone), std::move(classifier));
}

/// With what the method asks of the network, unless the options say otherwise.
ExperimentOptions with_wishes(ExperimentOptions options, const NetworkConfig& wishes) {
  if (!options.classifier) options.classifier = wishes.classifier;
  options.network.last_relu = options.network.last_relu && wishes.last_relu;
  options.network.signed_blocks = options.network.signed_blocks || wishes.signed_blocks;
  options.network.signed_maps = options.network.signed_maps || wishes.signed_maps;
  options.network.kernel_scales = options.network.kernel_scales || wishes.kernel_scales;
  return options;
}

Subset everything_in(const ImageSet& set) {
  Subset subset;
  for (int i = 0; i < set.size(); ++i) subset.append({{i}, {0}});
  return subset;
}

std::optional<AuxiliaryImages> on_device(const OwnedDataset* set, Device device) {
  if (!set) return {};
  return AuxiliaryImages{set->train->source(device, DType::f32), set->test->source(device, DType::f32),
                         everything_in(*set->train), everything_in(*set->test)};
}

/// Puts pixels of its own between a source and those who ask it.
LearnedImages* wrapped(std::unique_ptr<ImageSource>& source, const ImageSetInfo& info, Device device) {
  auto learned = std::make_unique<LearnedImages>(std::move(source), info, device);
  LearnedImages* const there = learned.get();
  source = std::move(learned);
  return there;
}

const ExperimentOptions& checked(const ExperimentOptions& options) {
  check_ranges(options);
  return options;
}

}  // namespace

Method method_for(const ExperimentOptions& options) {
  Method method = make_method(options.method, options.method_options);
  apply(options.slots, options.method_options, method);
  if (!options.predict_by.empty()) method.rule = rule_named(options.predict_by);
  return method;
}

Experiment::Experiment(const ExperimentOptions& options, const Dataset& data)
    : options_(with_wishes(checked(options), method_for(options).network)),
      data_(data),
      data_settings_(data_settings(data)),
      scenario_(make_scenario(data, options.scenario, options.seed)),
      method_(method_for(options)),
      search_from_(method_.search_from),
      train_images_(data.train.source(options.device, DType::f32)),
      learned_images_(method_.exemplar_learning ? wrapped(train_images_, data.train.info, options.device) : nullptr),
      test_images_(data.test.source(options.device, DType::f32)),
      auxiliary_(on_device(options.auxiliary.get(), options.device)),
      factory_(options.seed, options.device),
      net_(make_net(options_, factory_)),
      replay_buffer_(scenario_, method_, *train_images_,
                     {options.memory, options.selection, options.gas, options.reselect_old, options.seed}) {
  check_options();
  if (!options_.first_task_from.empty()) first_task_weights_ = weights_of_first_task();
  if (!options_.exemplars_from.empty()) replay_buffer_.reuse(ledger_of_other_run());
  describe(result_);
}

void Experiment::check_options() const {
  if (method_.exemplars == ExemplarNeed::forbidden && replay_buffer_.remembers())
    fail_usage("{} takes no exemplars: leave out --memory-per-class and --memory-total", options_.method);
  if (method_.exemplars == ExemplarNeed::required && !replay_buffer_.remembers())
    fail_usage("{} needs exemplars: give --memory-per-class (20 is usual) or --memory-total", options_.method);
  if (!replay_buffer_.remembers() && !options_.exemplars_from.empty())
    fail_usage(
        "--exemplars-from fills a memory, and there is none: give --memory-per-class or --memory-total as in that run");
  if (method_.held_out > 0 && !options_.exemplars_from.empty())
    fail_usage("{} holds some exemplars out of training: leave out --exemplars-from", options_.method);
  if (method_.needs_auxiliary && !auxiliary_)
    fail_usage("{} trains on a second image set: say where it is with --aux-data", options_.method);
  if (method_.exemplar_learning && options_.train.augmentation.crop == Crop::resized_crop)
    fail_usage("{} changes exemplars' pixels, which resized crops cannot be made of: give --augmentation crop",
               options_.method);
  if (method_.gathers_while_training() && !options_.first_task_from.empty())
    fail_usage("{} needs to see the first task being learned: leave out --first-task-from", options_.method);
  if (options_.train.keep_momentum && !options_.first_task_from.empty())
    fail_usage("--keep-momentum needs the first task's momentum, which no run stores: leave out --first-task-from");
  if (options_.grid.tasks > 0 && options_.scenario.validation_fraction == 0)
    fail_usage("--grid-search-tasks judges by validation images: give --validation more than 0");
  if (options_.grid.tasks > 0 && !options_.first_task_from.empty())
    fail_usage("--grid-search-tasks chooses the first task's learning rate: leave out --first-task-from");
  if (options_.train.schedule == ScheduleKind::patience && options_.scenario.validation_fraction == 0)
    fail_usage("--schedule patience judges by validation images: give --validation more than 0");
}

TaskContext Experiment::context_of(int task, const Subset& subset) const {
  TaskContext context;
  context.task = task;
  context.task_sizes = {scenario_.classes_per_task.begin(), scenario_.classes_per_task.begin() + task + 1};
  context.class_counts.assign(static_cast<size_t>(context.classes()), 0);
  for (int label : subset.labels) ++context.class_counts[static_cast<size_t>(label)];
  context.has_exemplars = !replay_buffer_.empty();
  context.tensor_options = factory_.options();
  return context;
}

json Experiment::first_task() const {
  const bool plain = method_.is_cross_entropy(context_of(0, replay_buffer_.training(0))) &&
                     method_.freeze_backbone_after.value_or(0) >= 0;
  json settings = first_task_settings(options_, data_settings_, scenario_, plain ? "cross-entropy" : options_.method);
  if (const size_t held_out = replay_buffer_.held_out(0).size()) settings["held_out_images"] = held_out;
  return settings;
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
  trial->add_classes(scenario_.classes_per_task[0], factory);
  load_state(*trial, learned);  // throws unless they fit
  return learned;
}

/// The exemplars of the run that --exemplars-from names, after making sure that they fit here.
std::vector<ExemplarRow> Experiment::ledger_of_other_run() const {
  const std::string name = (options_.exemplars_from / "exemplars.csv").string();
  std::vector<ExemplarRow> ledger = parse_ledger(read_file(name), name);
  check_ledger(ledger, scenario_, options_.memory, name);
  return ledger;
}

json Experiment::settings() const {
  json all = settings_of(options_, data_settings_, scenario_);
  all["prediction_rule"] = method_.rule->name();
  if (options_.auxiliary) all["auxiliary"] = data_settings(*options_.auxiliary);
  all["first_task"] = first_task();
  if (!options_.first_task_from.empty()) all["first_task_from"] = options_.first_task_from.string();
  if (!options_.exemplars_from.empty()) all["exemplars_from"] = options_.exemplars_from.string();
  return all;
}

void Experiment::describe(RunResult& result) const {
  result.method = options_.method;
  result.description = method_.description;
  result.data_set = data_.train.info.name;
  result.seed = options_.seed;
  result.classes_per_task = scenario_.classes_per_task;
  for (const Subset& subset : scenario_.test) result.test_images_per_task.push_back(static_cast<double>(subset.size()));
  result.class_names = scenario_.class_names;
  result.published = options_.published;
  result.departures = options_.departures;
  result.remarks = options_.remarks;
  if (method_.exemplars == ExemplarNeed::expected && !replay_buffer_.remembers())
    result.remarks.push_back(options_.method + " is meant to be run with exemplars, and there are none.");
  result.settings = settings();
  result.protocol = result.settings["protocol"];
  result.data_id = data_settings_["id"];
  result.guarantee = guarantee_of(options_.device);
}

void Experiment::record(RunFolder& folder, const EvaluationResult& evaluation) {
  result_.task_aware.add_row(evaluation.task_aware);
  result_.task_agnostic.add_row(evaluation.task_agnostic);
  result_.top5.add_row(evaluation.top5);
  result_.confusion = evaluation.confusion;
  result_.last_layer.push_back(last_layer_of(*net_, evaluation));
  folder.write_last_layer(result_.last_layer, result_.classes_per_task);
  folder.write_accuracies(result_.task_aware, result_.task_agnostic);
  folder.write_top5(result_.top5);
  if (replay_buffer_.remembers()) {
    folder.write_exemplars(replay_buffer_.ledger());
    folder.write_contact_sheet(
        contact_sheet(sheet_rows(), data_.train, [this](int i) { return image_of_exemplar(i); }));
  }
  if (options_.save_models)
    write_file_atomically(folder.model_path(task_),
                          to_safetensors(named_state(*net_), {{"classes", std::to_string(net_->classes())}}));
  folder.write_confusion(result_.confusion);
  folder.write_summary(summary(result_));
  folder.write_report(report_html(result_));
}

std::vector<SheetRow> Experiment::sheet_rows() const {
  std::vector<SheetRow> rows;
  for (const auto& exemplars : replay_buffer_.memory().classes()) {
    rows.push_back({scenario_.class_names[rows.size()], {}});
    for (const Exemplar& exemplar : exemplars) rows.back().images.push_back(exemplar.index);
  }
  return rows;
}

/// As the set shows it, or with the pixels it has learned.
RawImage Experiment::image_of_exemplar(int image) const {
  const RawImage small = data_.train.thumbnail(image);
  const std::optional<RawImage> own = learned_images_ ? learned_images_->picture(image) : std::nullopt;
  return own ? resized(*own, whole(*own), small.height, small.width) : small;
}

/// Makes room for the classes of the next task.
void Experiment::add_classes() {
  net_->add_classes(scenario_.classes_per_task[static_cast<size_t>(net_->tasks())], factory_);
  if (method_.resets_classifier) net_->classifier->reset();
  method_.on_classes_added(*net_);
}

/// New weights for a network of the present size, other ones for every task and stage.
void Experiment::reinitialise(IncrementalNet& net, const Stage& stage) const {
  const RandomCounter at{static_cast<uint32_t>(task_), static_cast<uint32_t>(stage.number), 0, 0};
  const RandomWords words = random_words(random_key(options_.seed, Stream::anew), at);
  Factory factory(uint64_t{words.word[0]} << 32 | words.word[1], options_.device);
  const std::unique_ptr<IncrementalNet> initial = make_net(options_, factory);
  for (const int size : net.task_sizes) initial->add_classes(size, factory);
  load_state(net, named_state(*initial));
}

TaskData Experiment::task_data(const Subset& train) {
  return {train,
          replay_buffer_.validation(task_),
          replay_buffer_.held_out(task_),
          [this](const Stage& stage) { return replay_buffer_.balanced(task_, stage, *net_); },
          auxiliary_ ? &*auxiliary_ : nullptr,
          [this](IncrementalNet& net, const Stage& stage) { reinitialise(net, stage); }};
}

void Experiment::end_task(const TaskContext& context, const Subset& new_images, const Subset& train) {
  replay_buffer_.update(task_, *net_);
  const Subset exemplars = replay_buffer_.exemplars();
  if (learned_images_) {
    learned_images_->keep(exemplars.images);
    learn_exemplars(
        {*net_, context, method_.trainable_parts(context), new_images, exemplars, options_.train, options_.seed},
        *method_.exemplar_learning, *learned_images_);
  }
  method_.end_task({*net_, context, *train_images_, new_images, train, exemplars, options_.train.augmentation,
                    options_.train.batch_size, options_.seed});
  if (method_.needs_teacher()) teacher_ = net_->frozen_copy();
}

void Experiment::run_task(RunFolder& folder, const RunLog& log, const ExperimentCallbacks& callbacks,
                          Trainer& trainer) {
  if (net_->tasks() == task_) add_classes();
  const Subset subset = replay_buffer_.training(task_);
  const TaskContext context = context_of(task_, subset);
  if (callbacks.on_task_start) callbacks.on_task_start(task_, context, subset);
  if (task_ == 0 && !first_task_weights_.empty()) {
    load_state(*net_, first_task_weights_);
  } else {
    if (task_ < options_.grid.tasks && train_.stage.empty()) search(folder, callbacks, context, subset);
    TaskData data = task_data(subset);
    if (options_.train.keep_momentum) data.momentum = &momentum_;
    trainer.learn(context, data, teacher_.get(), std::exchange(train_, {}));
  }
  end_task(context, replay_buffer_.new_images(task_), subset);
  const EvaluationResult evaluation = evaluate(*net_, *test_images_, scenario_.test, *method_.rule);
  record(folder, evaluation);
  log.add_task(result_);
  if (callbacks.on_task_end) callbacks.on_task_end(task_, evaluation, result_);
}

/// Writes a checkpoint where an epoch or task ends, and wherever the run is asked to stop.
void Experiment::keep(RunFolder& folder, const TrainState& state, const ExperimentCallbacks& callbacks) {
  const bool stop = callbacks.stop_requested && callbacks.stop_requested();
  if (state.step > 0 && !stop) return;
  folder.checkpoints().write(checkpoint(state));
  if (!stop) return;
  const std::string where = state.stage.empty() ? fmt::format("before task {}", task_ + 1)
                                                : fmt::format("in task {}, stage {}, epoch {}, step {}", task_ + 1,
                                                              state.stage, state.epoch + 1, state.step);
  throw Interrupted(fmt::format("stopped {}; everything is saved", where));
}

RunResult Experiment::run(RunFolder& folder, const ExperimentCallbacks& callbacks) {
  folder.write_settings(result_.settings);
  const RunLog log(folder, result_);
  TrainingCallbacks training = callbacks.training;
  training.on_epoch = [&](const EpochReport& epoch) {
    result_.epochs.push_back(record_of(epoch));
    log.add_epoch(result_);
    if (callbacks.training.on_epoch) callbacks.training.on_epoch(epoch);
  };
  training.on_state = [&](const TrainState& state) { keep(folder, state, callbacks); };
  Trainer trainer(*net_, method_, options_.train, *train_images_, options_.seed, training);
  while (task_ < scenario_.tasks_to_run) {
    run_task(folder, log, callbacks, trainer);
    ++task_;
    if (task_ < scenario_.tasks_to_run) keep(folder, {}, callbacks);
  }
  folder.checkpoints().remove();
  return result_;
}

}  // namespace mneme
