#pragma once
// Pictures of several runs. One colour and marker per group throughout a page; repetitions appear as mean and
// deviation.

#include <span>
#include <string>

#include "incremental/report/run_groups.h"

namespace mneme {

using Groups = std::span<const RunGroup>;

/// Accuracy over all test images seen so far against classes seen, a curve per group: <figure>s of at most 12 curves,
/// task-agnostic and task-aware in turn.
std::string accuracy_figures(Groups groups);
/// Mean forgetting after each step, likewise; empty where no run got to a second task.
std::string forgetting_figures(Groups groups);

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
