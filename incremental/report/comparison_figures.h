#pragma once
// Figures that compare several runs. Each group has one colour and marker on the whole page. Several seeds appear as
// mean and deviation.

#include <span>
#include <string>
#include <vector>

#include "incremental/report/charts/line_chart.h"
#include "incremental/report/results/run_groups.h"

namespace mneme {

/// The groups to compare.
using Groups = std::span<const RunGroup>;

/// The predictions that the charts show.
enum class Predictions { both, agnostic, aware };

/// Accuracy over all test images seen so far, against the number of classes seen, one curve per group. Each setting
/// has charts of its own, each with at most 12 curves; task-agnostic and task-aware charts alternate. The y axis
/// reaches as far as the values and their whiskers, or from 0 to 100 with `full_axes`.
std::vector<LineChart> accuracy_charts(Groups groups, bool full_axes = false, Predictions shown = Predictions::both);
/// Mean forgetting after each step in the same form; no charts if no run has learned a second task.
std::vector<LineChart> forgetting_charts(Groups groups, Predictions shown = Predictions::both);
/// One HTML figure per chart.
std::string figures(std::span<const LineChart> charts);

/// The share of predictions per task next to the share of test images, one figure for up to five groups whose tasks
/// have equal sizes.
std::string prediction_share_figures(Groups groups);

/// The maximum number of confusion matrices on one page.
inline constexpr std::size_t most_confusions = 6;
/// The confusion matrices of the first six groups, each the sum over the group's seeds. The colour scale ends at the
/// same mean count per seed in all of them.
std::string confusion_figures(Groups groups);

/// The learned alpha of each run over the epochs; empty if no run learns it.
std::string alpha_figure(Groups groups);

}  // namespace mneme
