#pragma once
// Runs the grid search of a task: each trial trains the learner's network and then restores its weights.

#include <functional>
#include <string>
#include <vector>

#include "incremental/experiment/incremental_learner.h"
#include "incremental/training/grid_search.h"

namespace mneme {

class GridSearchRunner {
 public:
  /// `learner` must outlive this object.
  explicit GridSearchRunner(IncrementalLearner& learner)
      : learner_(learner), first_weight_(learner.method().search_from) {}

  /// True if the options ask for a grid search before the current task.
  bool wanted() const { return learner_.task() < learner_.options().grid.tasks; }
  /// Searches for the current task, which trains on `train`. From then on the learner uses what was found. `after_step`
  /// is called after each training step; an exception from it ends the search.
  const SearchResult& search(const Subset& train, const std::function<void()>& after_step);

  /// The results of all searches so far, in the order of their tasks.
  const std::vector<SearchResult>& results() const { return results_; }
  /// Takes over the results of a checkpoint; the learner uses the last one.
  void restore(std::vector<SearchResult> results);

 private:
  double trial(double rate, std::optional<double> weight, const Subset& train, const TrainingCallbacks& callbacks);
  void end_trial(Method& method, const TaskContext& context, const Subset& train);
  double accuracy_after(Method& method, double rate, const TaskContext& context, const Subset& train,
                        const TrainingCallbacks& callbacks);

  IncrementalLearner& learner_;
  std::optional<double> first_weight_;  // the weight of the method before a search changed it
  std::vector<SearchResult> results_;
};

/// A sentence for the report that says what the search has chosen.
std::string remark_on(const SearchResult& search);

}  // namespace mneme
