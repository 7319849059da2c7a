#pragma once
// The state of a run that learns: the images, the method, the network with its teacher, the replay buffer and the
// number of the current task; and the steps by which one task is learned.

#include <optional>

#include "incremental/experiment/experiment_images.h"
#include "incremental/experiment/experiment_options.h"
#include "incremental/experiment/storage/checkpoint.h"
#include "incremental/training/network_pair.h"
#include "incremental/training/replay_buffer.h"
#include "incremental/training/trainer.h"

namespace mneme {

class IncrementalLearner {
 public:
  /// Throws UsageError when the options contradict each other, and Error when the run that --exemplars-from names
  /// cannot be read or has exemplars that do not fit.
  IncrementalLearner(const ExperimentOptions& options, const Dataset& data);
  IncrementalLearner(const IncrementalLearner&) = delete;
  IncrementalLearner& operator=(const IncrementalLearner&) = delete;

  /// The options of the user, completed by with_network_config(), with the learning rate and the weight that a grid
  /// search has found.
  const ExperimentOptions& options() const { return options_; }
  const Dataset& data() const { return data_; }
  const Scenario& scenario() const { return scenario_; }
  const Method& method() const { return method_; }
  const ExperimentImages& images() const { return images_; }
  const NetworkPair& networks() const { return networks_; }
  const ReplayBuffer& replay_buffer() const { return replay_buffer_; }
  /// The nearest mean of the exemplars after the last task, which is judged beside the method's own rule; null without
  /// a memory.
  const PredictionRule* side_rule() const { return side_rule_.get(); }
  /// The network and the method as one module.
  Learner learner() { return {networks_.net(), method_}; }

  /// The current task, counted from 0.
  int task() const { return task_; }
  bool finished() const { return task_ == scenario_.tasks_to_run; }
  /// The context of a task that trains on `train`.
  TaskContext context(int task, const Subset& train) const;
  /// What the current task's stages train on; `train` are the images of the main stage.
  TaskData task_data(const Subset& train);

  /// Adds the outputs for the classes of the current task, unless the network has them.
  void add_classes();
  /// Trains the current task, or the rest of it after the state `from`. Throws Error if the loss is no longer finite.
  void train(const Subset& train, const TrainingCallbacks& callbacks, TrainState from);
  /// Does what follows the training of a task: chooses exemplars, learns their pixels, ends the task for the method,
  /// and copies the network to the teacher. `task` is the context of the training, `new_images` are the task's own
  /// images, `train` the images that it was trained on.
  void end_task(const TaskContext& task, const Subset& new_images, const Subset& train);
  void next_task() { ++task_; }

  /// The method with another weight `lambda` and with the state that the present method has.
  Method method_with(std::optional<double> lambda);
  /// Trains with this learning rate, and with this weight if it is given, from now on.
  void use(double learning_rate, std::optional<double> lambda);

  /// Adds the state to a checkpoint.
  void save(Checkpoint& to);
  /// Continues with the state of a checkpoint. `task_begun` says that the current task's classes were already added.
  /// Throws Error if the state does not fit this learner.
  void restore(const Checkpoint& from, bool task_begun);

  /// Takes the exemplars from the record of a finished run. The weights stay as they are.
  void restore_finished(const Checkpoint& record);

 private:
  void reinitialise(IncrementalNet& net, const Stage& stage) const;
  void restore_networks(const Checkpoint& from, bool task_begun);
  void restore_memory(const Checkpoint& from);

  ExperimentOptions options_;
  const Dataset data_;
  Scenario scenario_;
  Method method_;
  ExperimentImages images_;
  NetworkPair networks_;
  ReplayBuffer replay_buffer_;
  RulePointer side_rule_;  // made anew after each task
  NamedTensors momentum_;  // for TaskData::momentum, if momentum is kept from task to task
  int task_ = 0;
};

}  // namespace mneme
