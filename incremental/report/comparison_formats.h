#pragma once
// A comparison as text: for terminals, Markdown and LaTeX.

#include <span>
#include <string>
#include <vector>

#include "incremental/report/results/comparison_table.h"

namespace mneme {

/// One value of a table as it is printed.
struct PrintedCell {
  std::string text;      ///< in per cent, with the deviation if there are several seeds
  bool is_best = false;  ///< to be set off from the others
};
/// A row of a table as it is printed.
struct PrintedRow {
  std::string label;               ///< of the group
  std::vector<PrintedCell> cells;  ///< one per column
};
/// A table as it is printed, whatever the format.
struct PrintedTable {
  std::vector<std::string> over,                                        ///< per column: "task-agnostic" or "task-aware"
      heads;                                                            ///< per column: "average", "published"
  std::vector<std::pair<std::string, std::vector<PrintedRow>>> blocks;  ///< a setting's label, and its rows
  std::string seeds_note;  ///< "mean ± sample standard deviation (n - 1) over 3 seeds"; empty without repetitions
};
/// The texts of a comparison, with `decimals` digits behind the point. A column of published values stands behind
/// each measure for which there are any.
PrintedTable printed_table(const ComparisonTable& table, int decimals);

/// For a terminal: aligned columns, a note, and a heading per setting if there are several.
std::string as_text(const PrintedTable& table);
/// A table of Markdown; the best values in bold.
std::string as_markdown(const PrintedTable& table);

/// What a table in LaTeX needs besides its numbers.
struct LatexOptions {
  std::string caption,           ///< its caption, as LaTeX; empty: a sentence that says what the numbers are
      label = "tab:comparison";  ///< its label for \\ref
};
/// A `table` environment with booktabs' rules; the best values in bold. Texts are escaped.
std::string as_latex(const PrintedTable& table, const LatexOptions& options);
/// Text in which LaTeX's special characters are escaped.
std::string latex_escaped(std::string_view text);

/// Paired differences as lines for a terminal: difference in points, confidence interval, both tests, and p-values
/// corrected by Holm where there are several pairs. Empty if there are no differences.
std::string as_text(std::span<const MeasureDifferences> differences, double confidence);

/// A p-value as people write it: "0.012", "< 0.001".
std::string p_text(double p);
/// A difference in points with its sign: "+1.25".
std::string points_text(double difference);
/// A test's statistic with its sign: "−1.73".
std::string statistic_text(double t);
/// One paragraph of text that explains the tests of a comparison, and how little a few seeds can show.
std::string tests_note(std::span<const MeasureDifferences> differences, double confidence);

}  // namespace mneme
