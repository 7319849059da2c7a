#include "incremental/report/run_figures.h"

#include "incremental/report/charts/bar_chart.h"
#include "incremental/report/charts/colours.h"
#include "incremental/report/charts/heat_map.h"
#include "incremental/report/charts/line_chart.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/curves.h"
#include "incremental/report/results/key_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace mneme {
namespace {

constexpr int most_tasks_drawn = 50;

/// A chart with a task-agnostic and a task-aware curve.
LineChart chart_over_classes(const RunResult& run, const PerStep& per_step) {
  LineChart chart;
  chart.x_label = "classes seen";
  chart.x = classes_axis({&run, 1});
  chart.curves = {curve_over_classes(run, per_step(run, run.task_agnostic)),
                  curve_over_classes(run, per_step(run, run.task_aware))};
  chart.curves[0].name = "task-agnostic";
  chart.curves[1].name = "task-aware";
  for (int i : {0, 1}) chart.curves[static_cast<std::size_t>(i)].colour = series_colour(i);
  chart.end_values = true;
  return chart;
}

/// One curve per task, starting at the task. If there are many tasks, only every second, third, ... is drawn.
LineChart chart_of_tasks(int steps, const std::function<CurvePoint(int step, int task)>& point) {
  LineChart chart;
  chart.x_label = "after learning task";
  chart.x = whole_number_axis(1, steps);
  const int every = (steps + most_tasks_drawn - 1) / most_tasks_drawn;
  for (int task = 0; task < steps; task += every) {
    Curve& curve = chart.curves.emplace_back();
    curve.name = fmt::format("task {}", task + 1);
    curve.colour = ordered_colour(task, steps);
    for (int step = task; step < steps; ++step) curve.points.push_back(point(step, task));
  }
  return chart;
}

/// The outputs of the last layer for the classes of `task` after step `step`.
std::span<const ClassOutput> head_of(const RunResult& run, int step, int task) {
  const std::vector<int>& sizes = run.classes_per_task;
  const auto first = static_cast<std::size_t>(std::accumulate(sizes.begin(), sizes.begin() + task, 0));
  return std::span(run.last_layer.at(static_cast<std::size_t>(step)))
      .subspan(first, static_cast<std::size_t>(sizes[static_cast<std::size_t>(task)]));
}

/// One value per epoch of the whole run, with a vertical line where a new task begins.
LineChart chart_over_epochs(const RunResult& run, const PerEpoch& value) {
  LineChart chart;
  chart.x_label = "epoch, counted over all tasks";
  chart.x = whole_number_axis(0, static_cast<int>(run.epochs.size()), 10);
  chart.curves.push_back(curve_over_epochs(run, value));
  for (std::size_t i = 1; i < run.epochs.size(); ++i)
    if (run.epochs[i].task != run.epochs[i - 1].task) chart.rules.push_back(static_cast<double>(i) + 0.5);
  return chart;
}

}  // namespace

std::string accuracy_per_step_figure(const RunResult& run) {
  LineChart chart = chart_over_classes(run, accuracy_per_step);
  chart.title = "Accuracy over all classes seen so far";
  chart.y_label = "accuracy (%)";
  chart.y = {0, 100, 20};
  chart.note = accuracy_note;
  return draw(chart);
}

std::string forgetting_per_step_figure(const RunResult& run) {
  LineChart chart = chart_over_classes(run, forgetting_per_step);
  chart.title = "Mean forgetting of the earlier tasks";
  chart.y_label = "forgetting (points)";
  chart.y = axis_for(chart.curves);
  chart.note = forgetting_note;
  return draw(chart);
}

std::string task_curves_figure(const AccuracyMatrix& accuracy, const std::string& kind) {
  LineChart chart = chart_of_tasks(accuracy.steps(), [&](int step, int task) {
    return CurvePoint{step + 1.0, 100 * accuracy.at(step, task),
                      fmt::format("{} % after task {}", percent(accuracy.at(step, task), 2), step + 1)};
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
  map.first_row = 2;
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
  chart.note = predictions_note;
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
  if (!learns_alpha(run)) return {};
  LineChart chart = chart_over_epochs(run, alpha_of);
  chart.title = "Learned weight of old classes";
  chart.y_label = "α";
  chart.y = axis_for(chart.curves, 0, 1);
  chart.curves[0].name = "α";
  chart.curves[0].colour = series_colour(4);
  chart.note = alpha_note;
  return draw(chart);
}

std::string validation_figure(const RunResult& run) {
  const auto measured = [](const EpochRecord& epoch) { return epoch.validation_accuracy.has_value(); };
  if (std::none_of(run.epochs.begin(), run.epochs.end(), measured)) return {};
  LineChart chart = chart_over_epochs(
      run, [](const EpochRecord& epoch) { return 100 * epoch.validation_accuracy.value_or(not_drawn); });
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
    return CurvePoint{step + 1.0, mean, fmt::format("{} after task {}", number(mean), step + 1)};
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
    curve.name = fmt::format("task {}", task + 1);
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
