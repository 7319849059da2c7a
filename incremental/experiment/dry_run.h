#pragma once
// A few steps of training that leave nothing behind: to see that they repeat, and what they cost.

#include <string>

#include "incremental/experiment/experiment.h"

namespace mneme {

/// Experiment::dry_run() on an experiment of its own, without warm-up, and with exemplars drawn at random.
DryRun dry_run(const ExperimentOptions& options, const Dataset& data, int task, int steps);

/// Rehearses the first task, and the second where there is one, twice, on the CPU with different numbers of threads.
/// Returns what was found equal, as a line for people. Throws Error if anything differs in a single bit.
std::string verify_determinism(const ExperimentOptions& options, const Dataset& data);

}  // namespace mneme
