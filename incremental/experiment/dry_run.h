#pragma once
// A few training steps that write nothing: to check that they can be repeated exactly, and to measure their cost.

#include <string>
#include <vector>

#include "incremental/experiment/experiment_options.h"

namespace mneme {

/// The measurements of a few training steps.
struct DryRun {
  std::vector<double> losses;         ///< after each step: the sum over the epoch's images so far
  std::string weights;                ///< SHA-256 of all tensors after the last step
  double seconds_per_image = 0;       ///< median of the training steps, with a teacher where the task has one
  double seconds_per_test_image = 0;  ///< of evaluation
  size_t peak_bytes = 0;              ///< bytes of tensors on the device, image sets included
  int64_t parameters = 0;  ///< trained numbers of the network, with the heads of `task`; buffers do not count
};

/// Trains the first `steps` steps of `task`, counted from 0. The earlier tasks are not trained: for each of them only
/// the end of the task is done, with a few images. There is no warm-up, and exemplars are drawn at random. Throws like
/// the constructor of Experiment.
DryRun dry_run(const ExperimentOptions& options, const Dataset& data, int task, int steps);

/// Makes a dry run of the first task, and of the second if there is one, twice; on the CPU the second time with another
/// number of threads. Returns a line that says what was equal. Throws Error if losses or weights differ in a single
/// bit.
std::string verify_determinism(const ExperimentOptions& options, const Dataset& data);

}  // namespace mneme
