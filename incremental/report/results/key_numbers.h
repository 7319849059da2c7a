#pragma once
// The list of all averages of a run: name, formula, source and value. summary.json and report.html are made from it.

#include "incremental/report/results/run_result.h"

#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// One kind of average, computed from both accuracy matrices. In summary.json its values are `key` + "_task_agnostic"
/// and `key` + "_task_aware".
struct KeyNumber {
  std::string key;           ///< for example "mean_over_all_entries"
  std::string label;         ///< readable name: "Mean over all entries"
  std::string formula;       ///< the formula as text
  std::string used_by;       ///< the papers that report it, with their name for it
  double task_agnostic = 0,  ///< fraction of 1; NaN if undefined
      task_aware = 0;        ///< likewise
  bool has_aware = true,     ///< false: only task-agnostic predictions have it
      has_agnostic = true;   ///< false: only task-aware predictions have it
};

/// All averages of a run. Throws Error if the matrices have different numbers of steps or more steps than planned
/// tasks.
std::vector<KeyNumber> key_numbers(const RunResult& run);

/// The three averages of a run's headline, in this order: average incremental accuracy, final accuracy, forgetting. The
/// terminal, the report and the comparisons show the same ones under the same names.
std::vector<KeyNumber> headline_numbers(const std::vector<KeyNumber>& numbers);

/// One value with its readable name.
struct NamedValue {
  std::string label;  ///< readable name
  double value = 0;   ///< fraction of 1; NaN if undefined
};
/// The value with this name in summary.json. Throws Error for an unknown name.
NamedValue find_number(const std::vector<KeyNumber>& numbers, std::string_view name);

/// Acc_t of a matrix of this run, weighted by test images, or by classes if the numbers of test images are unknown. See
/// weighted_accuracy_per_step().
std::vector<double> accuracy_per_step(const RunResult& run, const AccuracyMatrix& accuracy);

/// The accuracies on old and on new classes, with the same weights.
std::vector<OldAndNew> old_and_new_per_step(const RunResult& run, const AccuracyMatrix& accuracy);

/// The content of summary.json: identity of the run, matrices as nested arrays, curves per step, and all key numbers as
/// fractions of 1. `average_incremental_accuracy` and `final_accuracy` repeat two task-agnostic values under their
/// usual names. Throws Error as key_numbers() does.
nlohmann::json summary(const RunResult& run);

}  // namespace mneme
