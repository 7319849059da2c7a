#pragma once
// A whole class-incremental run: data, network, method, memory, evaluation after every task, and the folder of results.

#include <filesystem>
#include <functional>
#include <string>

#include "data/batches/learned_images.h"
#include "incremental/experiment/checkpoint.h"
#include "incremental/experiment/grid_search.h"
#include "incremental/experiment/run_log.h"
#include "incremental/memory/exemplars.h"
#include "incremental/methods/registry.h"
#include "incremental/methods/slots.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/protocol/task_end.h"
#include "incremental/report/contact_sheet.h"
#include "incremental/report/results/run_result.h"
#include "incremental/training/exemplar_learning.h"
#include "incremental/training/replay_buffer.h"
#include "incremental/training/trainer.h"
#include "layers/network.h"

namespace mneme {

struct ExperimentOptions {
  std::string method = "lwf";
  MethodOptions method_options;
  SlotChoices slots;  ///< in place of the method's own
  ScenarioOptions scenario;
  TrainOptions train;
  GridSearchOptions grid;
  MemoryBudget memory;
  Selection selection = Selection::herding;
  NeuralGasOptions gas;
  bool reselect_old = false;  ///< choose old classes' exemplars anew after every task (FACIL) instead of truncating
  NetworkOptions network;
  std::optional<ClassifierKind> classifier;       ///< instead of the method's
  std::string predict_by;                         ///< a rule_named() instead of the method's; empty: the method's
  std::shared_ptr<const OwnedDataset> auxiliary;  ///< another image set, for methods that train on one
  uint64_t seed = 1;
  Device device = Device::cpu;
  bool save_models = true;
  std::filesystem::path first_task_from;   ///< a run whose first task this one takes over instead of training it
  std::filesystem::path exemplars_from;    ///< a run whose exemplars this one takes over instead of choosing them
  std::string preset;                      ///< its name, for the record; empty if none
  std::vector<PublishedNumber> published;  ///< what the preset's paper reports
  std::vector<std::string> departures;     ///< from the preset, a phrase each
  std::vector<std::string> remarks;        ///< what a reader of the report must know about this run
};

/// What a data set is called in settings: name, sizes, and an id over its whole content.
nlohmann::json data_settings(const Dataset& data);

/// Everything in `options` that decides the results, as run.json keeps it. `data` are data_settings().
nlohmann::json settings_of(const ExperimentOptions& options, const nlohmann::json& data, const Scenario& scenario);

/// The settings under which methods and seeds may be compared: class order, splits, training, memory, network and
/// prediction rule. Method, seed, machine and data set are not among them.
nlohmann::json protocol_of(const ExperimentOptions& options, const Scenario& scenario);
/// 12 hexadecimal digits of SHA-256 over protocol_of(): equal for runs that may be compared.
std::string protocol_id(const ExperimentOptions& options, const Scenario& scenario);

/// How far a run repeats on this device, as it is set at the moment; a sentence or two for the report.
std::string guarantee_of(Device device);

/// Throws UsageError, naming the flag, when a number in `options` can mean nothing.
void check_ranges(const ExperimentOptions& options);

/// The method that `options` name, with its knobs and, if one is named, another prediction rule.
Method method_for(const ExperimentOptions& options);

struct ExperimentCallbacks {
  std::function<void(int task, const TaskContext& context, const Subset& subset)> on_task_start;
  TrainingCallbacks training;
  std::function<void(int task, const EvaluationResult& evaluation, const RunResult& so_far)> on_task_end;
  /// Asked after every step and task. Once it answers true, the run writes a checkpoint and throws Interrupted.
  std::function<bool()> stop_requested;
};

/// The run stopped because it was asked to; a checkpoint holds everything.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// A few steps of training that left nothing behind, see incremental/experiment/dry_run.h.
struct DryRun {
  std::vector<double> losses;         ///< summed over the epoch's images so far, after each step
  std::string weights;                ///< SHA-256 of all tensors after the last
  double seconds_per_image = 0;       ///< of training: median step, with a teacher where the task has one
  double seconds_per_test_image = 0;  ///< of testing
  size_t peak_bytes = 0;              ///< of tensors on the device, the image sets included
  int64_t parameters = 0;
};

/// The part of the settings that the first task's weights depend on. `loss` names what that task minimises.
nlohmann::json first_task_settings(const ExperimentOptions& options, const nlohmann::json& data,
                                   const Scenario& scenario, const std::string& loss);

class Experiment {
 public:
  /// Throws UsageError when the options contradict each other, and Error when the run they take their first task from
  /// cannot be read or learned something else: all before anything is written.
  Experiment(const ExperimentOptions& options, const Dataset& data);

  /// Goes on where the newest checkpoint in `folder` ends. `say` is told of damaged ones that were passed over, and of a
  /// checkpoint that another build of the same release wrote. Throws Error, naming what differs, if the checkpoint
  /// belongs to other settings, data or another release. False if there is no checkpoint, so that the run begins at the
  /// beginning.
  bool resume(RunFolder& folder, const std::function<void(const std::string& line)>& say);
  /// True if `folder` holds a run of these very settings that has come to its end. Throws Error, naming what differs,
  /// if it holds another run.
  bool is_complete(const RunFolder& folder) const;

  /// Trains and tests all tasks (or what is left of them after resume()), writing results and checkpoints into `folder`
  /// as they come.
  RunResult run(RunFolder& folder, const ExperimentCallbacks& callbacks);

  /// Trains the first `steps` steps of a task, as if those before it had been learned in no time, and what their end
  /// asks of a method, from a few images. Afterwards this experiment is of no further use.
  DryRun dry_run(int task, int steps);

  const Scenario& scenario() const { return scenario_; }
  IncrementalNet& net() { return *net_; }

 private:
  void check_options() const;
  TaskData task_data(const Subset& train);
  void reinitialise(IncrementalNet& net, const Stage& stage) const;
  void end_task(const TaskContext& context, const Subset& new_images, const Subset& train);
  RawImage image_of_exemplar(int image) const;
  TaskContext context_of(int task, const Subset& subset) const;
  std::vector<SheetRow> sheet_rows() const;
  std::vector<ExemplarRow> ledger_of_other_run() const;
  void pretend_learned_until(int task);
  nlohmann::json first_task() const;
  std::vector<std::pair<std::string, Tensor>> weights_of_first_task() const;
  nlohmann::json settings() const;
  void describe(RunResult& result) const;
  Method method_with(std::optional<double> weight);
  void search(RunFolder& folder, const ExperimentCallbacks& callbacks, const TaskContext& context,
              const Subset& subset);
  double try_out(Method& method, double rate, const TaskContext& context, const Subset& subset,
                 const TrainingCallbacks& callbacks);
  void adopt(const SearchResult& found);
  void run_task(RunFolder& folder, const RunLog& log, const ExperimentCallbacks& callbacks, Trainer& trainer);
  void record(RunFolder& folder, const EvaluationResult& evaluation);
  void keep(RunFolder& folder, const TrainState& state, const ExperimentCallbacks& callbacks);
  Checkpoint checkpoint(const TrainState& state);
  void restore(const Checkpoint& from);
  void add_classes();
  void restore_networks(const Checkpoint& from, bool task_begun);
  void restore_memory(const Checkpoint& from);

  ExperimentOptions options_;
  const Dataset data_;
  nlohmann::json data_settings_;
  Scenario scenario_;
  Method method_;
  std::optional<double> search_from_;         // of the weight, before any search changed it
  std::vector<SearchResult> search_results_;  // by grid search, per task searched
  std::unique_ptr<ImageSource> train_images_;
  LearnedImages* learned_images_;  // train_images_, where exemplars' pixels are learned; else null
  std::unique_ptr<ImageSource> test_images_;
  std::optional<AuxiliaryImages> auxiliary_;
  Factory factory_;
  std::unique_ptr<IncrementalNet> net_, teacher_;
  std::vector<std::pair<std::string, Tensor>> first_task_weights_;  // empty unless taken over
  ReplayBuffer replay_buffer_;
  RunResult result_;
  int task_ = 0;           // being learned
  TrainState train_;       // where its training goes on
  NamedTensors momentum_;  // TaskData::momentum, where it is kept
};

}  // namespace mneme
