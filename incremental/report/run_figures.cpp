#include "incremental/report/run_figures.h"

#include "incremental/report/bar_chart.h"
#include "incremental/report/colours.h"
#include "incremental/report/heat_map.h"
#include "incremental/report/key_numbers.h"
#include "incremental/report/line_chart.h"
#include "incremental/report/markup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace mneme {
namespace {

constexpr int most_tasks_drawn = 50;
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

std::vector<int> classes_seen(const RunResult& run) {
  std::vector<int> seen(run.classes_per_task.size());
  std::partial_sum(run.classes_per_task.begin(), run.classes_per_task.end(), seen.begin());
  return seen;
}

Curve curve_over_classes(const RunResult& run, const std::vector<double>& per_step) {
  Curve curve;
  const std::vector<int> seen = classes_seen(run);
  for (std::size_t t = 0; t < per_step.size(); ++t)
    curve.points.push_back({static_cast<double>(seen[t]), 100 * per_step[t],
                            fmt::format("{} % after task {} ({} classes)", percent(per_step[t], 2), t, seen[t])});
  return curve;
}

using PerStep = std::function<std::vector<double>(const RunResult&, const AccuracyMatrix&)>;

/// Task-agnostic and task-aware curves of every run. One run: two colours. Several: a colour each, task-aware dashed.
std::vector<Curve> curve_pairs(std::span<const RunResult> runs, const PerStep& per_step) {
  std::vector<Curve> curves;
  int colour = 0;
  for (const RunResult& run : runs) {
    Curve agnostic = curve_over_classes(run, per_step(run, run.task_agnostic));
    Curve aware = curve_over_classes(run, per_step(run, run.task_aware));
    const std::string prefix = runs.size() > 1 ? run.method + ", " : "";
    agnostic.name = prefix + "task-agnostic";
    aware.name = prefix + "task-aware";
    agnostic.colour = series_colour(colour);
    aware.colour = series_colour(runs.size() > 1 ? colour : colour + 1);
    aware.dashed = runs.size() > 1;
    ++colour;
    curves.push_back(std::move(agnostic));
    curves.push_back(std::move(aware));
  }
  return curves;
}

/// One curve per task, from the task on; of many tasks every second, third, ... , as more cannot be told apart.
LineChart chart_of_tasks(int steps, const std::function<CurvePoint(int step, int task)>& point) {
  LineChart chart;
  chart.x_label = "after learning task";
  chart.x = whole_number_axis(0, steps - 1);
  const int every = (steps + most_tasks_drawn - 1) / most_tasks_drawn;
  for (int task = 0; task < steps; task += every) {
    Curve& curve = chart.curves.emplace_back();
    curve.name = fmt::format("task {}", task);
    curve.colour = ordered_colour(task, steps);
    for (int step = task; step < steps; ++step) curve.points.push_back(point(step, task));
  }
  return chart;
}

/// An axis for all finite values, those from `low` to `high` included.
Axis axis_for(const std::vector<Curve>& curves, double low = 0, double high = 0) {
  for (const Curve& curve : curves)
    for (const CurvePoint& point : curve.points)
      if (std::isfinite(point.y)) low = std::min(low, point.y), high = std::max(high, point.y);
  return round_axis(low, high);
}

Axis classes_axis(std::span<const RunResult> runs) {
  int first = std::numeric_limits<int>::max(), last = 0;
  for (const RunResult& run : runs) {
    const std::vector<int> seen = classes_seen(run);
    first = std::min(first, seen.front());
    last = std::max(last, seen.back());
  }
  return whole_number_axis(first, last, 10);
}

LineChart chart_over_classes(std::span<const RunResult> runs, const PerStep& per_step) {
  LineChart chart;
  chart.x_label = "classes seen";
  chart.x = classes_axis(runs);
  chart.curves = curve_pairs(runs, per_step);
  chart.end_values = runs.size() <= 3;
  return chart;
}

/// The classes of a task as they were after a later one.
std::span<const ClassOutput> head_of(const RunResult& run, int step, int task) {
  const std::vector<int>& sizes = run.classes_per_task;
  const auto first = static_cast<std::size_t>(std::accumulate(sizes.begin(), sizes.begin() + task, 0));
  return std::span(run.last_layer.at(static_cast<std::size_t>(step)))
      .subspan(first, static_cast<std::size_t>(sizes[static_cast<std::size_t>(task)]));
}

/// One value per epoch of the whole run, interrupted where a new task or stage begins.
template <class Value>
LineChart chart_over_epochs(const RunResult& run, const Value& value) {
  LineChart chart;
  chart.x_label = "epoch, counted over all tasks";
  chart.x = whole_number_axis(0, static_cast<int>(run.epochs.size()), 10);
  Curve& curve = chart.curves.emplace_back();
  for (std::size_t i = 0; i < run.epochs.size(); ++i) {
    const EpochRecord& epoch = run.epochs[i];
    const bool begins = i > 0 && (epoch.task != run.epochs[i - 1].task || epoch.stage != run.epochs[i - 1].stage);
    if (begins) curve.points.push_back({static_cast<double>(i), undefined, ""});
    if (i > 0 && epoch.task != run.epochs[i - 1].task) chart.rules.push_back(static_cast<double>(i) + 0.5);
    const double y = value(epoch);
    curve.points.push_back({static_cast<double>(i + 1), y,
                            fmt::format("{} (task {}, {} epoch {}, learning rate {})", number(y), epoch.task,
                                        epoch.stage, epoch.epoch, number(epoch.lr))});
  }
  return chart;
}

}  // namespace

std::string accuracy_per_step_figure(std::span<const RunResult> runs) {
  LineChart chart = chart_over_classes(runs, accuracy_per_step);
  chart.title = "Accuracy over all classes seen so far";
  chart.y_label = "accuracy (%)";
  chart.y = {0, 100, 20};
  chart.note = "Top-1, over the test images of every class learned until then.";
  return draw(chart);
}

std::string forgetting_per_step_figure(std::span<const RunResult> runs) {
  LineChart chart = chart_over_classes(
      runs, [](const RunResult&, const AccuracyMatrix& accuracy) { return mean_forgetting_per_step(accuracy); });
  chart.title = "Mean forgetting of the earlier tasks";
  chart.y_label = "forgetting (points)";
  chart.y = axis_for(chart.curves);
  chart.note = "How far below its best earlier accuracy a task lies on average; defined from the second task on.";
  return draw(chart);
}

std::string task_curves_figure(const AccuracyMatrix& accuracy, const std::string& kind) {
  LineChart chart = chart_of_tasks(accuracy.steps(), [&](int step, int task) {
    return CurvePoint{static_cast<double>(step), 100 * accuracy.at(step, task),
                      fmt::format("{} % after task {}", percent(accuracy.at(step, task), 2), step)};
  });
  chart.title = "Each task over time, " + kind;
  chart.y_label = "accuracy (%)";
  chart.y = {0, 100, 20};
  return draw(chart);
}

std::string accuracy_figure(const AccuracyMatrix& accuracy, const std::string& kind) {
  HeatMap map;
  map.title = "Accuracy, " + kind + " (%)";
  map.x_label = "tested on task";
  map.y_label = "after learning task";
  map.rows = accuracy.rows();
  map.hover = [](int row, int column) { return fmt::format("task {} after learning task {}", column, row); };
  return draw(map);
}

std::string forgetting_figure(const AccuracyMatrix& accuracy, const std::string& kind, double limit) {
  HeatMap map;
  map.title = "Forgetting, " + kind + " (points)";
  map.x_label = "tested on task";
  map.y_label = "after learning task";
  map.rows = forgetting(accuracy);
  map.rows.erase(map.rows.begin());
  map.first_row = 1;
  map.is_signed = true;
  map.limit = limit;
  map.hover = [](int row, int column) { return fmt::format("task {} after learning task {}, lost", column, row); };
  map.note = "Orange: lost since its best. Blue: gained.";
  return draw(map);
}

std::string prediction_share_figure(const RunResult& run) {
  const std::span<const int> tasks(run.classes_per_task.data(), static_cast<std::size_t>(run.tasks_done()));
  const TaskShares shares = shares_per_task(run.confusion, tasks);
  BarChart chart;
  chart.title = "Where the predictions go";
  chart.x_label = "task";
  chart.y_label = "share (%)";
  chart.series = {{"predictions", series_colour(0), shares.predicted},
                  {"test images", series_colour(5), shares.true_images}};
  chart.note =
      "Task-agnostic predictions after the last task. A bar above its test images means a bias towards that task.";
  return draw(chart);
}

std::string loss_figure(const RunResult& run) {
  LineChart chart = chart_over_epochs(run, [](const EpochRecord& epoch) { return epoch.loss; });
  chart.title = "Training loss";
  chart.y_label = "loss (mean per image)";
  chart.y = axis_for(chart.curves);
  chart.curves[0].name = "loss";
  chart.curves[0].colour = series_colour(0);
  chart.note = "Mean over each epoch of all terms of the method’s loss. Vertical lines: a new task begins.";
  return draw(chart);
}

std::string alpha_figure(const RunResult& run) {
  const auto learned = [](const EpochRecord& epoch) { return epoch.alpha.has_value(); };
  if (std::none_of(run.epochs.begin(), run.epochs.end(), learned)) return {};
  LineChart chart = chart_over_epochs(run, [](const EpochRecord& epoch) { return epoch.alpha.value_or(undefined); });
  chart.title = "Learned weight of old classes";
  chart.y_label = "α";
  chart.y = axis_for(chart.curves, 0, 1);
  chart.curves[0].name = "α";
  chart.curves[0].colour = series_colour(4);
  chart.note = "Factor on old classes’ counts in the balanced softmax, after each epoch; every task begins with 1.";
  return draw(chart);
}

std::string validation_figure(const RunResult& run) {
  const auto measured = [](const EpochRecord& epoch) { return epoch.validation_accuracy.has_value(); };
  if (std::none_of(run.epochs.begin(), run.epochs.end(), measured)) return {};
  LineChart chart = chart_over_epochs(
      run, [](const EpochRecord& epoch) { return 100 * epoch.validation_accuracy.value_or(undefined); });
  chart.title = "Validation accuracy";
  chart.y_label = "accuracy (%)";
  chart.y = {0, 100, 20};
  chart.curves[0].name = "validation accuracy (%)";
  chart.curves[0].colour = series_colour(2);
  chart.note = "On the held-out part of the training set, as the schedule sees it.";
  return draw(chart);
}

LineChart head_levels_chart(const RunResult& run, const HeadQuantity& quantity) {
  LineChart chart = chart_of_tasks(run.tasks_done(), [&](int step, int task) {
    const std::span<const ClassOutput> head = head_of(run, step, task);
    const double mean = std::accumulate(head.begin(), head.end(), 0.0,
                                        [&](double sum, const ClassOutput& c) { return sum + c.*quantity.value; }) /
                        static_cast<double>(head.size());
    return CurvePoint{static_cast<double>(step), mean, fmt::format("{} after task {}", number(mean), step)};
  });
  chart.title = std::string(quantity.title) + ", mean over each task’s classes";
  chart.y_label = quantity.label;
  chart.y = axis_for(chart.curves);
  return chart;
}

std::string head_levels_figure(const RunResult& run, const HeadQuantity& quantity) {
  return draw(head_levels_chart(run, quantity));
}

std::string class_levels_figure(const RunResult& run, const HeadQuantity& quantity) {
  const int last = run.tasks_done() - 1;
  LineChart chart;
  chart.title = std::string(quantity.title) + " of every class after the last task";
  chart.x_label = "class, in the order learned";
  chart.y_label = quantity.label;
  int c = 0;
  for (int task = 0; task <= last; ++task) {
    Curve& curve = chart.curves.emplace_back();
    curve.name = fmt::format("task {}", task);
    curve.colour = ordered_colour(task, run.tasks_done());
    for (const ClassOutput& out : head_of(run, last, task)) {
      curve.points.push_back({static_cast<double>(c), out.*quantity.value,
                              fmt::format("{} for class {}", number(out.*quantity.value), c)});
      ++c;
    }
  }
  chart.x = whole_number_axis(0, c - 1);
  chart.y = axis_for(chart.curves);
  return draw(chart);
}

}  // namespace mneme
