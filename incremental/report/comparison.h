#pragma once
// A self-contained page that compares several runs, without external files.

#include <span>
#include <string>

#include "incremental/report/results/run_groups.h"

namespace mneme {

/// The whole page: a table of all groups, published values next to ours, accuracy and forgetting per step, shares of
/// predictions, confusion matrices, learned alpha, and the settings in which the groups differ. Runs of different
/// protocols or data sets are shown too; the page then starts with a warning. Throws Error if there are no groups.
std::string comparison_html(std::span<const RunGroup> groups);

}  // namespace mneme
