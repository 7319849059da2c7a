#pragma once
// Runs small enough for a test: images of 8x8 pixels, few classes, ResNet-8.

#include <map>
#include <string>
#include <vector>

#include "incremental/experiment/experiment.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {

/// Each class has a picture of its own, each image of it another noise. Label of image i = i mod classes.
ResidentDataset tiny_data(int classes = 4, int train_per_class = 8, int test_per_class = 3);

/// Two tasks of tiny_data() in order 0, 1, 2, 3: one epoch of two steps each, a quarter of the images for validation.
ExperimentOptions tiny_options(const std::string& method);

/// The same with what the method cannot do without: exemplars wherever it takes them, another image set.
ExperimentOptions tiny_options_for(const std::string& name);

using State = std::map<std::string, std::vector<float>>;
State state_of(Module& module);
/// Names whose numbers differ; names on one side only count too.
std::vector<std::string> changed(const State& before, const State& after);
/// The largest distance between numbers of the same name. Both sides must have the same names.
double distance(const State& a, const State& b);

/// A run from beginning to end, in a folder that is gone afterwards.
struct Finished {
  RunResult result;
  std::vector<State> states;        // after each task
  std::vector<double> step_losses;  // of all tasks
  int64_t graph_launches = 0;       // steps of the last reported round
  std::string capture_obstacle;     // why, where none was
};
Finished finish(const ExperimentOptions& options, const ResidentDataset& data = tiny_data());

/// Runs in `path`, resuming what is there, until `stop_after` more steps or tasks have been asked about; -1: to the
/// end. False if it was stopped. `say` is what Experiment::resume() is given.
bool run_until(
    const ExperimentOptions& options, const Dataset& data, const std::filesystem::path& path, int stop_after,
    const std::function<void(const std::string&)>& say = [](const std::string&) {});

/// The context of task t as the trainer gets it, with these images per class.
TaskContext context_of(const Scenario& scenario, int task, const Subset& subset, bool has_exemplars,
                       TensorOptions tensor_options);

}  // namespace mneme::test
