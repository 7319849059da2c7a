#pragma once
// What a run records after each task.

#include "incremental/experiment/incremental_learner.h"
#include "incremental/experiment/storage/run_folder.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

/// Adds the evaluation after a task, and the state of the last layer then, to `result`.
void add_evaluation(RunResult& result, const IncrementalNet& net, const EvaluationResult& evaluation);

/// Writes the results so far into the run's folder: tables, exemplars, the model if models are saved, summary, report.
void write_results(const RunFolder& folder, const RunResult& result, const IncrementalLearner& learner);

}  // namespace mneme
