#pragma once
// The results of a run so far in a checkpoint: epochs, accuracies, confusion, last layers and grid searches.

#include <vector>

#include "incremental/experiment/storage/checkpoint.h"
#include "incremental/report/results/run_result.h"
#include "incremental/training/grid_search.h"

namespace mneme {

/// Adds the epochs, the accuracies, the numbers of the last layer and the confusion matrix of `result`. The confusion
/// matrix is left out if it has no classes.
void save_results(Checkpoint& to, const RunResult& result);
/// Replaces in `result` what save_results() saved; all else, such as the settings, stays. Throws Error or
/// json::exception if parts are missing.
void restore_results(const Checkpoint& from, RunResult& result);

/// Adds the grid searches done so far as the value "searches".
void save_searches(Checkpoint& to, const std::vector<SearchResult>& searches);
/// Reads what save_searches() saved. Throws json::exception if it is missing.
std::vector<SearchResult> searches_of(const Checkpoint& from);

}  // namespace mneme
