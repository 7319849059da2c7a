#pragma once
// Grid search of a task's learning rate and of the weight of its distillation or penalty, by validation accuracy,
// before the task is learned: the continual hyperparameter framework of De Lange et al., "A Continual Learning Survey",
// TPAMI 2021, section 4, in FACIL's form: docs/methods/facil-survey.md#grid-search.

#include <functional>
#include <optional>
#include <vector>

namespace mneme {

/// Options of the grid search.
struct GridSearchOptions {
  int tasks = 0;  ///< number of tasks to search, from the first on; later tasks use the last result
  std::vector<double> first_lrs = {0.5, 0.1, 0.05};           ///< learning rates tried for the first task
  std::vector<double> lrs = {0.1, 0.05, 0.01, 0.005, 0.001};  ///< learning rates tried for later tasks
  /// From the second task on: how many of `lrs` are tried, the largest ones below the first task's.
  int lrs_tried = 3;
  double drop = 0.2;   ///< accepted loss of accuracy against finetuning, as a share of its accuracy
  double decay = 0.5;  ///< factor of the weight after a trial that is not accepted
  int tries = 7;       ///< after this many trials the weight is taken without a trial
};

/// One trial: the training of a copy of the network, which is then discarded.
struct TrialRecord {
  double lr = 0;                 ///< learning rate
  std::optional<double> weight;  ///< weight; none: finetuning, to find the learning rate
  double accuracy = 0;           ///< task-aware accuracy on the task's own validation images
};

/// The result for one task.
struct SearchResult {
  int task = 0;                     ///< from 0
  double lr = 0;                    ///< the learning rate chosen
  std::optional<double> weight;     ///< the weight chosen; none: the method has none, or this is the first task
  std::vector<TrialRecord> trials;  ///< all trials, in order
};

/// Trains a copy of the network and returns its accuracy. Without a weight it is trained by finetuning.
using Trial = std::function<double(double rate, std::optional<double> weight)>;

/// First finds the learning rate at which finetuning reaches the highest accuracy. Then, starting from `first_weight`
/// and decreasing, finds the largest weight with which the method's accuracy is at least (1 - drop) of that.
/// `first_rate` is the learning rate of the first task. Throws Error if no candidate rate is below it.
SearchResult search_grid(const GridSearchOptions& options, int task, double first_rate,
                         std::optional<double> first_weight, const Trial& trial);

}  // namespace mneme
