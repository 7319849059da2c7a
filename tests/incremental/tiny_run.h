#pragma once
// Runs that are small enough for a test: images of 8x8 pixels, few classes, ResNet-8.

#include <map>
#include <string>
#include <vector>

#include "incremental/experiment/experiment.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {

/// Each class has its own image, and each sample adds its own noise to it. The label of image i is i mod classes.
ResidentDataset tiny_data(int classes = 4, int train_per_class = 8, int test_per_class = 3);

/// Two tasks of tiny_data() in the order 0, 1, 2, 3: one epoch of two steps each, a quarter of the images for
/// validation.
ExperimentOptions tiny_options(const std::string& method);

/// tiny_options() and what the method requires: exemplars if it accepts them, and an auxiliary image set.
ExperimentOptions tiny_options_for(const std::string& name);

using State = std::map<std::string, std::vector<float>>;
State state_of(Module& module);
/// The names whose values differ, and those that exist on one side only.
std::vector<std::string> changed(const State& before, const State& after);
/// The largest absolute difference between values of the same name. Both sides must have the same names.
double distance(const State& a, const State& b);

/// A complete run in a temporary folder.
struct Finished {
  RunResult result;
  std::vector<State> states;        ///< after each task
  std::vector<double> step_losses;  ///< of all tasks
  int64_t graph_launches = 0;       ///< graph launches of the last reported stage
  std::string capture_obstacle;     ///< why there was no graph launch
};
Finished finish(const ExperimentOptions& options, const ResidentDataset& data = tiny_data());

/// Runs in `path`, resuming what is there. After `stop_after` further steps or tasks the run is stopped; -1: it runs to
/// the end. Returns false if it was stopped. `say` is passed to Experiment::resume().
bool run_until(
    const ExperimentOptions& options, const Dataset& data, const std::filesystem::path& path, int stop_after,
    const std::function<void(const std::string&)>& say = [](const std::string&) {});

/// The message of the UsageError with which an experiment refuses these options; empty if it accepts them.
std::string refusal(const ExperimentOptions& options, const ResidentDataset& data = tiny_data());

/// The context of task t as the trainer receives it, with these numbers of images per class.
TaskContext context_of(const Scenario& scenario, int task, const Subset& subset, bool has_exemplars,
                       TensorOptions tensor_options);

}  // namespace mneme::test
