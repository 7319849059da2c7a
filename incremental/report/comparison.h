#pragma once
// One self-contained page about several runs. No scripts, nothing loaded from elsewhere.

#include <span>
#include <string>

#include "incremental/report/results/run_groups.h"

namespace mneme {

/// The whole page: a table of all groups, published numbers beside ours, accuracy and forgetting step by step, shares
/// of predictions, confusion matrices, learned weights, and the settings the groups differ in. Runs of different
/// protocols or data are shown all the same, and the page says so above everything else. Throws Error without any run.
std::string comparison_html(std::span<const RunGroup> groups);

}  // namespace mneme
