#include "incremental/experiment/incremental_learner.h"

#include "incremental/experiment/reused_run.h"
#include "incremental/experiment/storage/checkpoint_memory.h"
#include "incremental/models/pretrained.h"
#include "incremental/options/shared_options.h"
#include "incremental/protocol/task_end.h"
#include "incremental/training/exemplar_learning.h"

namespace mneme {
namespace {

const ExperimentOptions& checked(const ExperimentOptions& options) {
  check_ranges(options);
  return options;
}

/// The weights that networks begin with; none for random ones. Throws Error if they do not fit the network.
NamedTensors checked_start(const ExperimentOptions& options, const Scenario& scenario) {
  if (!options.pretrained) return {};
  NetworkPair random(options.network, *options.classifier, options.seed, Device::reference,
                     options.whole_head ? scenario.classes_per_task : std::vector<int>());
  random.add_classes(scenario.classes_per_task[0]);
  check_fits(*options.pretrained, random.net(), options.network.name);
  return options.pretrained->weights;
}

ReplayBufferOptions replay_options(const ExperimentOptions& options) {
  return {options.memory, options.selection, options.gas, options.reselect_old, options.seed};
}

}  // namespace

IncrementalLearner::IncrementalLearner(const ExperimentOptions& options, const Dataset& data)
    : options_(with_network_config(checked(options), method_for(options).network)),
      data_(data),
      scenario_(make_scenario(data, options.scenario, options.seed)),
      method_(method_for(options)),
      images_(data, options.auxiliary.get(), method_.exemplar_learning.has_value(), options.device),
      networks_(options_.network, *options_.classifier, options.seed, options.device,
                options_.whole_head ? scenario_.classes_per_task : std::vector<int>(),
                checked_start(options_, scenario_)),
      replay_buffer_(scenario_, method_, images_.train(), replay_options(options)) {
  check_compatible(options_, method_);
  if (!options_.exemplars_from.empty())
    replay_buffer_.reuse(exemplars_of_run(options_.exemplars_from, scenario_, options_.memory));
}

TaskContext IncrementalLearner::context(int task, const Subset& train) const {
  TaskContext context;
  context.task = task;
  context.task_sizes = {scenario_.classes_per_task.begin(), scenario_.classes_per_task.begin() + task + 1};
  context.class_counts.assign(static_cast<size_t>(context.classes()), 0);
  for (int label : train.labels) ++context.class_counts[static_cast<size_t>(label)];
  context.has_exemplars = !replay_buffer_.empty();
  context.tensor_options = networks_.tensor_options();
  return context;
}

TaskData IncrementalLearner::task_data(const Subset& train) {
  return {train,
          replay_buffer_.validation(task_),
          replay_buffer_.held_out(task_),
          [this](const Stage& stage) { return replay_buffer_.balanced(task_, stage, networks_.net()); },
          images_.auxiliary(),
          [this](IncrementalNet& net, const Stage& stage) { reinitialise(net, stage); }};
}

void IncrementalLearner::add_classes() {
  IncrementalNet& net = networks_.net();
  if (net.tasks() > task_) return;
  networks_.add_classes(scenario_.classes_per_task[static_cast<size_t>(net.tasks())]);
  if (method_.resets_classifier) net.classifier->reset();
  method_.on_classes_added(net);
}

/// Gives `net` new initial weights, which differ from task to task, and from stage to stage unless the stage says so.
void IncrementalLearner::reinitialise(IncrementalNet& net, const Stage& stage) const {
  const int number = stage.starts_like.value_or(stage.number);
  const RandomCounter at{static_cast<uint32_t>(task_), static_cast<uint32_t>(number), 0, 0};
  const RandomWords words = random_words(random_key(options_.seed, Stream::anew), at);
  const uint64_t seed = uint64_t{words.word[0]} << 32 | words.word[1];
  load_state(net, named_state(*networks_.untrained(net.task_sizes, seed)));
}

void IncrementalLearner::train(const Subset& train, const TrainingCallbacks& callbacks, TrainState from) {
  TaskData data = task_data(train);
  if (options_.train.keep_momentum) data.momentum = &momentum_;
  Trainer(networks_.net(), method_, options_.train, images_.train(), options_.seed, callbacks)
      .learn(context(task_, train), data, networks_.teacher(), std::move(from));
}

void IncrementalLearner::end_task(const TaskContext& task, const Subset& new_images, const Subset& train) {
  IncrementalNet& net = networks_.net();
  replay_buffer_.update(task_, net);
  const Subset exemplars = replay_buffer_.exemplars();
  if (LearnedImages* const learned = images_.learned()) {
    learned->keep(exemplars.images);
    learn_exemplars({net, task, method_.trainable_parts(task), new_images, exemplars, options_.train, options_.seed},
                    *method_.exemplar_learning, *learned);
  }
  method_.end_task({net, task, images_.train(), new_images, train, exemplars, options_.train.augmentation,
                    options_.train.batch_size, options_.seed});
  if (replay_buffer_.remembers()) {
    side_rule_ = nearest_mean();
    side_rule_->on_classes_added(net);
    side_rule_->end_task({net, task, images_.train(), new_images, train, exemplars, options_.train.augmentation,
                          options_.train.batch_size, options_.seed});
  }
  if (method_.needs_teacher()) networks_.copy_to_teacher();
}

Method IncrementalLearner::method_with(std::optional<double> lambda) {
  ExperimentOptions options = options_;
  if (lambda) options.method_options.get<SharedOptions>().lambda = lambda;
  Method method = method_for(options);
  if (networks_.net().tasks() == 0) return method;
  method.on_classes_added(networks_.net());
  load_state(method, named_state(method_));
  return method;
}

void IncrementalLearner::use(double learning_rate, std::optional<double> lambda) {
  method_ = method_with(lambda);
  options_.train.learning_rate = learning_rate;
  if (lambda) options_.method_options.get<SharedOptions>().lambda = lambda;
}

void IncrementalLearner::save(Checkpoint& to) {
  to.values["task"] = task_;
  Learner both = learner();
  for (auto& tensor : named_state(both)) to.tensors.push_back(std::move(tensor));
  if (networks_.teacher()) to.add_group("teacher", named_state(*networks_.teacher()));
  if (!momentum_.empty()) to.add_group("momentum", momentum_);
  if (images_.learned()) save_learned_images(to, *images_.learned());
  save_ledger(to, replay_buffer_.ledger());
}

void IncrementalLearner::restore(const Checkpoint& from, bool task_begun) {
  from.values.at("task").get_to(task_);
  MNEME_CHECK(task_ >= 0 && task_ < scenario_.tasks_to_run, "it is of task {}, and there are {}", task_ + 1,
              scenario_.tasks_to_run);
  momentum_ = from.group("momentum");
  restore_networks(from, task_begun);
  restore_memory(from);
}

void IncrementalLearner::restore_finished(const Checkpoint& record) {
  while (networks_.net().tasks() < scenario_.tasks_to_run) {
    task_ = networks_.net().tasks();
    add_classes();
  }
  task_ = scenario_.tasks_to_run;
  restore_memory(record);
}

/// Adds the classes that the networks and the method had, and then loads their weights.
void IncrementalLearner::restore_networks(const Checkpoint& from, bool task_begun) {
  while (networks_.net().tasks() < task_) add_classes();
  if (const NamedTensors teacher = from.group("teacher"); !teacher.empty()) networks_.load_teacher(teacher);
  if (task_begun) add_classes();
  load_state(networks_.net(), from.group("net"));
  load_state(method_, from.group("method"));
}

void IncrementalLearner::restore_memory(const Checkpoint& from) {
  std::vector<ExemplarRow> ledger = ledger_of(from);
  for (const ExemplarRow& row : ledger)
    MNEME_CHECK(row.index >= 0 && row.index < data_.train.size(), "exemplar {} is not among the {} images", row.index,
                data_.train.size());
  replay_buffer_.restore(std::move(ledger), task_ - 1, networks_.net().offset(task_));
  if (images_.learned()) restore_learned_images(from, *images_.learned());
}

}  // namespace mneme
