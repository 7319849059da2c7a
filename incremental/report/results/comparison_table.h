#pragma once
// The numbers of a comparison: a table of methods and measures, and paired differences between methods. Pages,
// papers and terminals print the same values from here.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "incremental/report/results/settings_groups.h"
#include "incremental/report/statistics/paired_tests.h"

namespace mneme {

/// One column of a comparison.
struct Measure {
  std::string key,               ///< name in summary.json, with its suffix
      label,                     ///< "Average incremental accuracy, task-agnostic"
      short_label;               ///< "average": under a heading that says how it was predicted
  bool is_aware = false;         ///< task-aware, not task-agnostic
  bool higher_is_better = true;  ///< false: forgetting
};
/// The measure of a key of summary.json. Throws Error for an unknown key, with those that exist.
Measure measure_of(const RunResult& run, const std::string& key);
/// The average, the final accuracy and forgetting, task-agnostic and task-aware, and what else the groups' presets
/// publish. Task-agnostic measures come first.
std::vector<Measure> usual_measures(std::span<const RunGroup> groups);

/// One value of a comparison, over the seeds of a group.
struct ComparisonCell {
  Spread spread;                             ///< fractions of 1
  bool is_best = false;                      ///< no group of its setting is better at two decimals of a per cent
  std::optional<PublishedNumber> published;  ///< what the group's preset publishes for it
};
/// The values of one group.
struct ComparisonRow {
  const RunGroup* group = nullptr;    ///< whose
  std::string label;                  ///< its name within the setting
  std::vector<ComparisonCell> cells;  ///< one per measure
};
/// The rows of one setting.
struct ComparisonBlock {
  std::string setting;              ///< label; empty if there is only one setting
  std::vector<ComparisonRow> rows;  ///< in the order of the groups
};
/// All values.
struct ComparisonTable {
  std::vector<Measure> measures;        ///< the columns
  std::vector<ComparisonBlock> blocks;  ///< the rows

  /// True if any group's preset publishes a value of measure `m`.
  bool has_published(std::size_t m) const;
};
/// The table of the groups, which must outlive it. Bold numbers need a choice: in a setting with a single group nothing
/// is the best.
ComparisonTable comparison_table(std::span<const RunGroup> groups, std::vector<Measure> measures);

/// The comparison of two groups by the seeds that both have.
struct PairedDifference {
  std::string a,               ///< name of the minuend within its setting
      b;                       ///< of the subtrahend
  int seeds = 0;               ///< in common
  PairedTest t = {};           ///< of a - b, in fractions of 1; only with two seeds or more
  WilcoxonTest wilcoxon = {};  ///< likewise
  double t_holm = 1,           ///< t.p, corrected for all pairs of the measure in the setting
      wilcoxon_holm = 1;       ///< wilcoxon.p likewise
};
/// All pairs of groups of one setting, for one measure.
struct MeasureDifferences {
  Measure measure;                      ///< the measure
  std::string setting;                  ///< label; empty if there is only one setting
  std::vector<PairedDifference> pairs;  ///< those with at least two seeds in common
};
/// The differences between the groups of each setting, later minus earlier, or all minus `reference`, the name of a
/// group, if it is not empty. Measures and settings without a pair are left out, and so are values that are not
/// defined. Throws Error if no group has the name `reference`.
std::vector<MeasureDifferences> paired_differences(std::span<const RunGroup> groups, std::span<const Measure> measures,
                                                   const std::string& reference = "", double confidence = 0.95);

}  // namespace mneme
