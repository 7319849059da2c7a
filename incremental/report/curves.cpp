#include "incremental/report/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "incremental/report/charts/markup.h"

namespace mneme {
namespace {

constexpr double room_beside = 0.04;  // of the x axis, so that markers and whiskers at its ends lie inside

std::vector<int> classes_seen(const RunResult& run) {
  std::vector<int> seen(run.classes_per_task.size());
  std::partial_sum(run.classes_per_task.begin(), run.classes_per_task.end(), seen.begin());
  return seen;
}

}  // namespace

std::vector<double> forgetting_per_step(const RunResult&, const AccuracyMatrix& accuracy) {
  return mean_forgetting_per_step(accuracy);
}

Curve curve_over_classes(const RunResult& run, std::span<const double> per_step, std::span<const double> deviations) {
  Curve curve;
  const std::vector<int> seen = classes_seen(run);
  for (std::size_t t = 0; t < per_step.size(); ++t) {
    const double deviation = deviations.empty() ? not_drawn : deviations[t];
    curve.points.push_back(
        {static_cast<double>(seen[t]), 100 * per_step[t],
         fmt::format("{} % after task {} ({} classes)", percent_of(per_step[t], deviation), t + 1, seen[t]),
         std::isfinite(deviation) ? 100 * deviation : 0});
  }
  return curve;
}

Axis classes_axis(std::span<const RunResult> runs) {
  int first = std::numeric_limits<int>::max(), last = 0;
  for (const RunResult& run : runs) {
    const std::vector<int> seen = classes_seen(run);
    first = std::min(first, seen.front());
    last = std::max(last, seen.back());
  }
  Axis axis = whole_number_axis(first, last, 10);
  const double room = room_beside * (axis.high - axis.low);
  axis.low -= room;
  axis.high += room;
  return axis;
}

double number_in(const NamedNumbers& numbers, const std::string& name) {
  const auto found = numbers.find(name);
  return found == numbers.end() ? not_drawn : found->second;
}

double alpha_of(const EpochRecord& epoch) { return number_in(epoch.numbers, "alpha"); }

bool learns_alpha(const RunResult& run) {
  return std::ranges::any_of(run.epochs, [](const EpochRecord& epoch) { return epoch.numbers.contains("alpha"); });
}

Curve curve_over_epochs(const RunResult& run, const PerEpoch& value) {
  Curve curve;
  for (std::size_t i = 0; i < run.epochs.size(); ++i) {
    const EpochRecord& epoch = run.epochs[i];
    const bool begins = i > 0 && (epoch.task != run.epochs[i - 1].task || epoch.stage != run.epochs[i - 1].stage);
    if (begins) curve.points.push_back({static_cast<double>(i), not_drawn, ""});
    const double y = value(epoch);
    curve.points.push_back({static_cast<double>(i + 1), y,
                            fmt::format("{} (task {}, {} epoch {}, learning rate {})", number(y), epoch.task + 1,
                                        epoch.stage, epoch.epoch, number(epoch.lr))});
  }
  return curve;
}

Axis axis_for(const std::vector<Curve>& curves, double low, double high) {
  for (const Curve& curve : curves)
    for (const CurvePoint& point : curve.points)
      if (std::isfinite(point.y))
        low = std::min(low, point.y - point.deviation), high = std::max(high, point.y + point.deviation);
  return round_axis(low, high);
}

Axis fitted_axis(const std::vector<Curve>& curves) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  return axis_for(curves, infinite, -infinite);
}

}  // namespace mneme
