#include "incremental/training/grid_search.h"

#include <algorithm>

#include "engine/base/error.h"

namespace mneme {
namespace {

std::vector<double> candidates(const GridSearchOptions& options, int task, double first_rate) {
  if (task == 0) return options.first_lrs;
  std::vector<double> below;
  std::ranges::copy_if(options.lrs, std::back_inserter(below), [&](double rate) { return rate < first_rate; });
  std::ranges::sort(below, std::greater());
  below.resize(std::min(below.size(), static_cast<size_t>(options.lrs_tried)));
  MNEME_CHECK(!below.empty(), "no learning rate to try is below the first task's {}: give smaller ones with --grid-lrs",
              first_rate);
  return below;
}

}  // namespace

SearchResult search_grid(const GridSearchOptions& options, int task, double first_rate,
                         std::optional<double> first_weight, const Trial& trial) {
  SearchResult found{task, 0, {}, {}};
  const auto attempt = [&](double rate, std::optional<double> weight) {
    return found.trials.emplace_back(rate, weight, trial(rate, weight)).accuracy;
  };
  double best = -1;
  for (const double rate : candidates(options, task, first_rate))
    if (const double accuracy = attempt(rate, {}); accuracy > best) best = accuracy, found.lr = rate;
  if (task == 0 || !first_weight) return found;
  found.weight = first_weight;
  for (int tries = 0; tries < options.tries; ++tries) {
    if (attempt(found.lr, found.weight) >= (1 - options.drop) * best) break;
    *found.weight *= options.decay;
  }
  return found;
}

}  // namespace mneme
