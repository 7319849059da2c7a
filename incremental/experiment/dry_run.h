#pragma once
// Dry run: a few training steps without any lasting effect, to measure their cost and to check that they are
// repeatable.

#include <string>

#include "incremental/experiment/experiment.h"

namespace mneme {

/// Runs Experiment::dry_run() on a new experiment without warm-up and with randomly selected exemplars.
DryRun dry_run(const ExperimentOptions& options, const Dataset& data, int task, int steps);

/// Runs a dry run of the first task, and of the second if there is one, twice on the CPU with different numbers of
/// threads. Returns a line that says what was found equal. Throws Error if a single bit differs.
std::string verify_determinism(const ExperimentOptions& options, const Dataset& data);

}  // namespace mneme
