#pragma once
// Comparisons of several runs: a self-contained page without external files, and its numbers as text.

#include <span>
#include <string>

#include "incremental/report/results/run_groups.h"

namespace mneme {

/// The options of a comparison.
struct ComparisonOptions {
  std::string reference = {};  ///< label of a group that all others are compared with; empty: all pairs
  double confidence = 0.95;    ///< of the intervals
  bool full_axes = false;      ///< accuracies are drawn from 0 to 100, not as far as they reach
};

/// The whole page: a table of all groups, published values next to ours, paired differences, ranks over settings,
/// accuracy and forgetting per step, shares of predictions, confusion matrices, learned alpha, and the settings in
/// which the groups differ. Runs of different protocols or data sets are shown too; the page then starts with a
/// warning. Throws Error if there are no groups or no group has the label `reference`.
std::string comparison_html(std::span<const RunGroup> groups, const ComparisonOptions& options = {});

/// The numbers of the page for a terminal: the table, comparison_notes(), and the paired differences with what their
/// tests can show. Throws Error as comparison_html() does.
std::string comparison_text(std::span<const RunGroup> groups, const ComparisonOptions& options = {});

/// Lines under a table: what its columns are, and whether its settings compare.
std::string comparison_notes(std::span<const RunGroup> groups);

}  // namespace mneme
