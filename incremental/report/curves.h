#pragma once
// What pictures of one run and of several have in common.

#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "incremental/report/charts/line_chart.h"
#include "incremental/report/results/run_result.h"

namespace mneme {

inline constexpr double not_drawn = std::numeric_limits<double>::quiet_NaN();

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

/// A fraction of 1 after each step of a run, from one of its two matrices; key_numbers.h's accuracy_per_step is one.
using PerStep = std::function<std::vector<double>(const RunResult&, const AccuracyMatrix&)>;
std::vector<double> forgetting_per_step(const RunResult& run, const AccuracyMatrix& accuracy);

/// In percent against classes seen, with `deviations` (one per step, or none at all) as whiskers.
Curve curve_over_classes(const RunResult& run, std::span<const double> per_step,
                         std::span<const double> deviations = {});
/// From the first task of any run to the last.
Axis classes_axis(std::span<const RunResult> runs);

/// A number of each epoch.
using PerEpoch = std::function<double(const EpochRecord&)>;
/// The learned weight of old classes; not drawn where none is learned.
double alpha_of(const EpochRecord& epoch);
bool learns_alpha(const RunResult& run);

/// Over all epochs of a run, interrupted where a new task or stage begins.
Curve curve_over_epochs(const RunResult& run, const PerEpoch& value);

/// An axis for all finite values, those from `low` to `high` included.
Axis axis_for(const std::vector<Curve>& curves, double low = 0, double high = 0);

}  // namespace mneme
