#pragma once
// A whole class-incremental run: it trains and evaluates task after task, writes results and checkpoints into a run
// folder, and continues from a checkpoint.

#include <chrono>
#include <functional>
#include <string>

#include "incremental/experiment/grid_search_runner.h"
#include "incremental/experiment/incremental_learner.h"
#include "incremental/experiment/storage/run_folder.h"
#include "incremental/experiment/storage/run_log.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

/// Functions that a run calls as it goes on; any may be empty.
struct ExperimentCallbacks {
  /// Called before a task is trained, or continued after resume(). `task` counts from 0; `subset` holds the training
  /// images, exemplars included.
  std::function<void(int task, const TaskContext& context, const Subset& subset)> on_task_start;
  TrainingCallbacks training;  ///< called while a task is trained
  /// Called when the task `task`, counted from 0, has been evaluated and its results are written. `evaluation` is over
  /// the test images; `so_far` holds the results of all tasks up to this one.
  std::function<void(int task, const EvaluationResult& evaluation, const RunResult& so_far)> on_task_end;
  /// Called after every training step and every task. When it returns true, the run writes a checkpoint and throws
  /// Interrupted. The work between these moments asks StopRequests (Note [Stopping]).
  std::function<bool()> stop_requested;
};

/// A run stopped because it was asked to. Its newest checkpoint holds everything it needs to continue.
class Interrupted : public Error {
 public:
  using Error::Error;
};

class Experiment {
 public:
  /// Throws UsageError when the options contradict each other. Throws Error when a run that first_task_from or
  /// exemplars_from names cannot be read or does not fit. Nothing has been written then.
  Experiment(const ExperimentOptions& options, const Dataset& data);

  /// Makes run() continue from the newest checkpoint in `folder`. Returns false if there is no checkpoint, so that the
  /// run starts at its beginning. `say` gets a line for each damaged checkpoint that is skipped, and a line if another
  /// build of the same release wrote the checkpoint. Throws Error, naming the difference, if the checkpoint belongs to
  /// other settings, other data or another release. --drop-last alone may be added; a remark tells of it.
  bool resume(RunFolder& folder, const std::function<void(const std::string& line)>& say);
  /// True if `folder` holds a finished run with these settings. Throws Error, naming the difference, if it holds
  /// another run.
  bool is_complete(const RunFolder& folder) const;
  /// Checks that the files of a finished run are whole, and writes damaged ones again if the record
  /// (storage/finished_record.h) suffices for them. `say` gets a line for each. Throws Error that names the files that
  /// it cannot write again. Call it instead of run().
  void mend(RunFolder& folder, const std::function<void(const std::string& line)>& say);

  /// Trains and evaluates all tasks, or those that are left after resume(). Writes results and checkpoints into
  /// `folder` after each task, and checkpoints after each epoch. Throws Interrupted when it was asked to stop.
  RunResult run(RunFolder& folder, const ExperimentCallbacks& callbacks);

  const Scenario& scenario() const { return learner_.scenario(); }
  IncrementalNet& net() { return learner_.networks().net(); }

 private:
  using Clock = std::chrono::steady_clock;
  TrainingCallbacks training_callbacks(RunFolder& folder, const RunLog& log, const ExperimentCallbacks& callbacks);
  void run_task(RunFolder& folder, const RunLog& log, const ExperimentCallbacks& callbacks);
  EvaluationResult finish_task(const RunFolder& folder, const RunLog& log, const TaskContext& context,
                               const Subset& train);
  void train_task(RunFolder& folder, const RunLog& log, const ExperimentCallbacks& callbacks, const Subset& train);
  void search(RunFolder& folder, const ExperimentCallbacks& callbacks, const Subset& train);
  void note_duration();
  void save_or_stop(RunFolder& folder, const TrainState& state, const ExperimentCallbacks& callbacks);
  Checkpoint checkpoint(const TrainState& state);
  Checkpoint record() const;
  void restore_results_of(const Checkpoint& from);
  void restore(const Checkpoint& from);

  IncrementalLearner learner_;
  GridSearchRunner grid_search_;
  NamedTensors first_task_weights_;  // of the run that first_task_from names; empty without one
  RunResult result_;
  std::string added_later_;  // the remark on a flag that was added when the run went on; empty if there is none
  TrainState train_state_;   // where the current task's training continues
  bool resumes_ = false;     // the run goes on with what another process began
  Clock::time_point noted_;  // the time up to which the provenance has counted the seconds
};

}  // namespace mneme
