#pragma once
// Compares many methods over several settings by their ranks.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "incremental/report/charts/rank_diagram.h"
#include "incremental/report/results/comparison_table.h"
#include "incremental/report/statistics/rank_tests.h"

namespace mneme {

/// The ranks of methods, the tests, and their picture.
struct RankComparison {
  std::vector<std::string> methods;   ///< in the order of the test's mean ranks
  std::vector<std::string> settings;  ///< in which they were ranked
  std::vector<std::string> left_out;  ///< methods that were not run in every setting
  FriedmanTest test;                  ///< whether all methods perform alike
  RankDiagram diagram;                ///< its note says what the tests found
};

/// Ranks the methods that were run in every setting by the mean of a measure over their seeds; Nemenyi's test has the
/// level `alpha`. Throws Error unless there are at least three such methods and at least two settings.
RankComparison rank_comparison(std::span<const RunGroup> groups, const Measure& measure, double alpha = 0.05);

/// The same for a page; none if there are too few methods or settings.
std::optional<RankComparison> rank_comparison_if_any(std::span<const RunGroup> groups, const Measure& measure);

}  // namespace mneme
