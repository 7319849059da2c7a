#pragma once
// RawImages of several runs. One colour and marker per group throughout a page; repetitions appear as mean and
// deviation.

#include <span>
#include <string>
#include <vector>

#include "incremental/report/charts/line_chart.h"
#include "incremental/report/results/run_groups.h"

namespace mneme {

using Groups = std::span<const RunGroup>;

/// Accuracy over all test images seen so far against classes seen, a curve per group: charts of at most 12 curves,
/// task-agnostic and task-aware in turn.
std::vector<LineChart> accuracy_charts(Groups groups);
/// Mean forgetting after each step, likewise; none where no run got to a second task.
std::vector<LineChart> forgetting_charts(Groups groups);
/// One <figure> after the other.
std::string figures(std::span<const LineChart> charts);

/// Share of predictions per task beside the share of test images, a picture for every five groups whose tasks have the
/// same sizes.
std::string prediction_share_figures(Groups groups);

/// How many confusion matrices one page shows.
inline constexpr std::size_t most_confusions = 6;
/// Confusion matrices of each group's first seed on one colour scale; of the first six groups.
std::string confusion_figures(Groups groups);

/// The learned weight of old classes of every run that learns one, over the epochs; empty if none does.
std::string alpha_figure(Groups groups);

}  // namespace mneme
