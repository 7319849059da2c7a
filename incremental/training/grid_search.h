#pragma once
// Choosing a task's learning rate and the weight of what keeps the old by validation accuracy, before the task is
// learned: the continual hyperparameter framework of De Lange et al., "A Continual Learning Survey", TPAMI 2021,
// section 4, as FACIL runs it: docs/methods/facil-survey.md#grid-search.

#include <functional>
#include <optional>
#include <vector>

namespace mneme {

struct GridSearchOptions {
  int tasks = 0;  ///< so many tasks are searched, from the first on; later ones keep what the last search found
  std::vector<double> first_rates = {0.5, 0.1, 0.05};
  std::vector<double> rates = {0.1, 0.05, 0.01, 0.005, 0.001};
  int rates_tried = 3;         ///< from the second task on: the largest of `rates` below the first task's
  double accepted_drop = 0.2;  ///< how much below the best plain training a guarded one may lie, as a share of it
  double decay = 0.5;          ///< what the weight is multiplied by while that is not met
  int most_tries = 7;          ///< after so many the weight is taken untried
};

/// A training of a copy that was then thrown away.
struct TrialRecord {
  double rate = 0;
  std::optional<double> weight;  ///< none: plain finetuning, in search of the rate
  double accuracy = 0;           ///< on the task's own validation images, inside the task
};

struct SearchResult {
  int task = 0;
  double rate = 0;
  std::optional<double> weight;  ///< none: the method has none, or this is the first task
  std::vector<TrialRecord> trials;
};

/// Trains a copy of the network and returns its accuracy; without a weight by plain finetuning.
using Trial = std::function<double(double rate, std::optional<double> weight)>;

/// First the rate at which plain finetuning learns the task best, then, from `first_weight` downwards, the largest
/// weight that lets the method learn it almost as well. `first_rate` is what was found for the first task. Throws
/// Error if no candidate rate lies below that.
SearchResult search_grid(const GridSearchOptions& options, int task, double first_rate,
                         std::optional<double> first_weight, const Trial& trial);

}  // namespace mneme
