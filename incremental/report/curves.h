#pragma once
// Functions that the figures of one run and of several runs share.

#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "incremental/report/charts/line_chart.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

/// The y of points that are not drawn.
inline constexpr double not_drawn = std::numeric_limits<double>::quiet_NaN();

/// \var forgetting_note
/// The note under forgetting figures.

/// \var predictions_note
/// The note under figures of predictions.

/// \var alpha_note
/// The note under figures of the learned alpha.

/// The note under accuracy figures.
inline constexpr const char *accuracy_note = "Top-1, over the test images of every class learned until then.",
                            *forgetting_note =
                                "How far below its best earlier accuracy a task lies on average; "
                                "defined from the second task on.",
                            *predictions_note =
                                "Task-agnostic predictions after the last task. A bar above its test "
                                "images means a bias towards that task.",
                            *alpha_note =
                                "Factor on old classes’ counts in the balanced softmax, after each epoch; "
                                "every task begins with 1.";

/// A fraction of 1 after each step of a run, computed from one of its two matrices, for example accuracy_per_step().
using PerStep = std::function<std::vector<double>(const RunResult&, const AccuracyMatrix&)>;
/// Mean forgetting after each step, as PerStep: see mean_forgetting_per_step().
std::vector<double> forgetting_per_step(const RunResult& run, const AccuracyMatrix& accuracy);

/// A curve in percent against the number of classes seen. `deviations` (one per step, or empty) are drawn as whiskers.
Curve curve_over_classes(const RunResult& run, std::span<const double> per_step,
                         std::span<const double> deviations = {});
/// An x axis from a little before the first task of any run to a little after the last.
Axis classes_axis(std::span<const RunResult> runs);

/// A value of an epoch.
using PerEpoch = std::function<double(const EpochRecord&)>;
/// The number of this name; not_drawn if there is none.
double number_in(const NamedNumbers& numbers, const std::string& name);
/// The learned alpha; not_drawn if there is none.
double alpha_of(const EpochRecord& epoch);
/// True if an epoch of the run has a learned alpha.
bool learns_alpha(const RunResult& run);

/// A curve over all epochs of a run, interrupted where a new task or stage begins.
Curve curve_over_epochs(const RunResult& run, const PerEpoch& value);

/// A y axis that contains all finite values with their whiskers, and the range from `low` to `high`.
Axis axis_for(const std::vector<Curve>& curves, double low = 0, double high = 0);
/// A y axis that contains all finite values with their whiskers, and no more than it must.
Axis fitted_axis(const std::vector<Curve>& curves);

}  // namespace mneme
