#include "incremental/experiment/transfer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "incremental/protocol/evaluate.h"
#include "incremental/protocol/task_end.h"
#include "incremental/report/results/stored_run.h"

namespace mneme {
namespace {

/// The share of `test` that the nearest mean of the features of `train` predicts right. `first` is the first label.
double nearest_mean_accuracy(IncrementalNet& net, const IncrementalLearner& learner, const Subset& train,
                             const Subset& test, int first, int classes) {
  const auto width = static_cast<size_t>(net.backbone->feature_size());
  std::vector<std::vector<double>> means(static_cast<size_t>(classes), std::vector<double>(width, 0.0));
  const auto direction = [](std::span<const float> features) {
    double squares = 1e-24;
    for (const float x : features) squares += double{x} * x;
    std::vector<double> g(features.begin(), features.end());
    for (double& x : g) x /= std::sqrt(squares);
    return g;
  };
  for_each_output(net, learner.images().train(), train.images, true, [&](size_t i, const ImageOutput& output) {
    const std::vector<double> g = direction(output.features);
    std::vector<double>& mean = means[static_cast<size_t>(train.labels[i] - first)];
    for (size_t d = 0; d < width; ++d) mean[d] += g[d];
  });
  for (std::vector<double>& mean : means) {
    const std::vector<float> sum(mean.begin(), mean.end());
    mean = direction(sum);
  }
  int right = 0;
  for_each_output(net, learner.images().test(), test.images, true, [&](size_t i, const ImageOutput& output) {
    const std::vector<double> g = direction(output.features);
    const auto similarity = [&](const std::vector<double>& mean) {
      return std::inner_product(g.begin(), g.end(), mean.begin(), 0.0);
    };
    const auto nearest = std::ranges::max_element(means, {}, similarity);
    right += nearest - means.begin() == test.labels[i] - first;
  });
  return right / static_cast<double>(test.size());
}

}  // namespace

double forward_transfer(const IncrementalLearner& learner) {
  const int task = learner.task();
  MNEME_CHECK(task > 0, "the first task has no task before it that could help it");
  const Scenario& scenario = learner.scenario();
  IncrementalNet& net = learner.networks().net();
  const int first = std::accumulate(scenario.classes_per_task.begin(), scenario.classes_per_task.begin() + task, 0);
  const auto measured = [&](IncrementalNet& of) {
    return nearest_mean_accuracy(of, learner, scenario.train[static_cast<size_t>(task)],
                                 scenario.test[static_cast<size_t>(task)], first,
                                 scenario.classes_per_task[static_cast<size_t>(task)]);
  };
  const auto untrained = learner.networks().untrained(net.task_sizes, learner.options().seed);
  return measured(net) - measured(*untrained);
}

void add_reference(RunResult& run, const std::filesystem::path& folder) {
  const RunResult reference = stored_run(folder);
  MNEME_CHECK(reference.data_id == run.data_id && reference.classes_per_task == run.classes_per_task &&
                  reference.settings.value("class_order", nlohmann::json()) == run.settings["class_order"],
              "--reference {} was run on other data, other tasks or another class order", folder.string());
  MNEME_CHECK(reference.tasks_done() == reference.tasks_planned(), "--reference {} is not finished: {} of {} tasks",
              folder.string(), reference.tasks_done(), reference.tasks_planned());
  run.reference_task_aware = diagonal(reference.task_aware);
  run.reference_task_agnostic = diagonal(reference.task_agnostic);
}

}  // namespace mneme
