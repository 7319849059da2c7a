#pragma once
// What a run records after each task.

#include <span>

#include "incremental/experiment/incremental_learner.h"
#include "incremental/experiment/storage/run_folder.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

/// Adds the evaluation after a task, and the state of the last layer then, to `result`.
void add_evaluation(RunResult& result, const IncrementalNet& net, const EvaluationResult& evaluation);

/// Writes the tables and the page of the results so far. summary.json is not among them: it is written when everything
/// else is, because it tells that a run is finished.
void write_tables(const RunFolder& folder, const RunResult& result);
/// Writes all files of a finished run again, except the models and timing.jsonl. `learner` must have the exemplars of
/// the end of the run.
void write_again(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner,
                 std::span<const SearchResult> searches);
/// Writes the results so far into the run's folder: exemplars, the model if models are saved, and write_tables().
void write_results(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner);

}  // namespace mneme
