#pragma once
// The tables of a page that compares several runs, as HTML. All texts are escaped.

#include <span>
#include <string>

#include "incremental/report/results/comparison_table.h"

namespace mneme {

/// All groups with their seeds, values and published values; the best values of each setting in bold. With several
/// settings, each has a heading and its ids.
std::string results_table(const ComparisonTable& table);

/// Ours beside the published values, with the difference and the source; empty if nothing is published.
std::string published_section(const ComparisonTable& table);

/// The paired differences, with confidence intervals and both tests; empty if there are none.
std::string differences_section(std::span<const MeasureDifferences> differences, double confidence);

}  // namespace mneme
