#pragma once
// Every average of a run, once: its name, formula, source and value. summary.json and report.html both read this list.

#include "incremental/report/results/run_result.h"

#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// One kind of average, taken of both matrices. In summary.json its two values are `key` + "_task_agnostic" and
/// `key` + "_task_aware".
struct KeyNumber {
  std::string key;    // "mean_over_all_entries"
  std::string label;  // for people: "Mean over all entries"
  std::string formula;
  std::string used_by;                       // the papers that report it under their own names
  double task_agnostic = 0, task_aware = 0;  // fractions of 1; NaN while undefined
  bool has_aware = true;                     // off: of task-agnostic predictions alone
};

/// Throws Error when the matrices differ in steps or hold more steps than planned tasks.
std::vector<KeyNumber> key_numbers(const RunResult& run);

/// A single value by its name in summary.json, with its label for people.
struct NamedValue {
  std::string label;
  double value = 0;
};
/// Throws Error for an unknown name.
NamedValue find_number(const std::vector<KeyNumber>& numbers, std::string_view name);

/// Acc_t of a matrix of this run: weighed by test images (by classes when their number is not given).
std::vector<double> accuracy_per_step(const RunResult& run, const AccuracyMatrix& accuracy);

/// summary.json: identity, matrices as nested arrays, per-step curves, and all key numbers, as fractions of 1.
/// `average_incremental_accuracy` and `final_accuracy` repeat the task-agnostic ones under their usual names.
nlohmann::json summary(const RunResult& run);

}  // namespace mneme
