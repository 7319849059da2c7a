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
#include <set>
#include <utility>

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

/// The texts and the colour of a figure over epochs.
struct EpochsFigure {
  std::string title, y_label, note;
  int colour;
};

/// One value over all epochs; empty if no epoch has it.
std::string epochs_figure(const RunResult& run, const PerEpoch& value, const EpochsFigure& texts) {
  LineChart chart = chart_over_epochs(run, value);
  const auto drawn = [](const CurvePoint& point) { return std::isfinite(point.y); };
  if (std::ranges::none_of(chart.curves[0].points, drawn)) return {};
  chart.title = texts.title;
  chart.y_label = texts.y_label;
  chart.y = axis_for(chart.curves);
  chart.note = texts.note;
  chart.curves[0].name = texts.title;
  chart.curves[0].colour = series_colour(texts.colour);
  return draw(chart);
}

/// Two curves in percent against the number of classes seen.
std::string two_curves(const RunResult& run, const std::pair<std::string, std::vector<double>>& first,
                       const std::pair<std::string, std::vector<double>>& second, const char* title, const char* note) {
  LineChart chart;
  chart.title = title;
  chart.x_label = "classes seen";
  chart.y_label = "accuracy (%)";
  chart.x = classes_axis({&run, 1});
  chart.y = {0, 100, 20};
  for (const auto& [name, values] : {first, second}) {
    chart.curves.push_back(curve_over_classes(run, values));
    chart.curves.back().name = name;
    chart.curves.back().colour = series_colour(static_cast<int>(chart.curves.size()) - 1);
  }
  chart.end_values = true;
  chart.note = note;
  return draw(chart);
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

std::string terms_figure(const RunResult& run) {
  std::set<std::string> names;
  for (const EpochRecord& epoch : run.epochs)
    for (const auto& [name, share] : epoch.terms) names.insert(name);
  if (names.size() < 2) return {};
  LineChart chart = chart_over_epochs(run, [](const EpochRecord&) { return not_drawn; });
  chart.curves.clear();
  for (const std::string& name : names) {
    chart.curves.push_back(
        curve_over_epochs(run, [&](const EpochRecord& epoch) { return number_in(epoch.terms, name); }));
    chart.curves.back().name = name;
    chart.curves.back().colour = series_colour(static_cast<int>(chart.curves.size()) - 1);
  }
  chart.title = "Terms of the loss";
  chart.y_label = "share in the loss";
  chart.y = axis_for(chart.curves);
  chart.note = "Each term times its weight; together they are the training loss.";
  return draw(chart);
}

std::string validation_loss_figure(const RunResult& run) {
  return epochs_figure(run, [](const EpochRecord& epoch) { return epoch.validation_loss.value_or(not_drawn); },
                       {"Validation loss", "loss (mean per image)", "What the patience schedule decides by.", 1});
}

std::string gradient_figure(const RunResult& run) {
  return epochs_figure(run, [](const EpochRecord& epoch) { return epoch.gradient_norm.value_or(not_drawn); },
                       {"Norm of the gradient", "norm", "Before clipping, mean over the steps of an epoch.", 3});
}

std::string number_figures(const RunResult& run) {
  std::set<std::string> names;
  for (const EpochRecord& epoch : run.epochs)
    for (const auto& [name, value] : epoch.numbers) names.insert(name);
  std::string figures;
  for (const std::string& name : names)
    figures += epochs_figure(run, [&](const EpochRecord& epoch) { return number_in(epoch.numbers, name); },
                             {name, name, name == "alpha" ? alpha_note : "After each epoch.", 4});
  return figures;
}

std::string old_and_new_figure(const RunResult& run) {
  if (run.tasks_done() < 2) return {};
  const std::vector<OldAndNew> steps = old_and_new_per_step(run, run.task_agnostic);
  std::vector<double> old_classes, new_classes;
  for (const OldAndNew& step : steps) {
    old_classes.push_back(step.old_classes);
    new_classes.push_back(step.new_classes);
  }
  return two_curves(run, {"old classes", old_classes}, {"new classes", new_classes},
                    "Old and new classes, task-agnostic",
                    "New: the task just learned. Old: all before it. A wide gap means a bias towards one of them.");
}

std::string rule_figure(const RunResult& run) {
  if (run.network.task_agnostic.empty() || run.nearest_mean.task_agnostic.empty()) return {};
  return two_curves(run, {"network", accuracy_per_step(run, run.network.task_agnostic)},
                    {"nearest mean", accuracy_per_step(run, run.nearest_mean.task_agnostic)},
                    "Network and nearest mean of exemplars, task-agnostic",
                    "The same features, judged by the largest logit and by the nearest class mean of the exemplars.");
}

std::string class_accuracy_figure(const RunResult& run) {
  const std::vector<double> accuracies = run.confusion.class_accuracies();
  if (accuracies.empty()) return {};
  LineChart chart;
  chart.title = "Every class after the last task, task-agnostic";
  chart.x_label = "class, in the order learned";
  chart.y_label = "accuracy (%)";
  int c = 0;
  for (int task = 0; task < run.tasks_done(); ++task) {
    Curve& curve = chart.curves.emplace_back();
    curve.name = fmt::format("task {}", task + 1);
    curve.colour = ordered_colour(task, run.tasks_done());
    for (int k = 0; k < run.classes_per_task[static_cast<std::size_t>(task)]; ++k, ++c) {
      const auto at = static_cast<std::size_t>(c);
      const std::string name = at < run.class_names.size() ? run.class_names[at] : fmt::format("class {}", c);
      curve.points.push_back({static_cast<double>(c), 100 * accuracies.at(at),
                              fmt::format("{} % for {}", percent(accuracies.at(at), 1), name)});
    }
  }
  chart.x = whole_number_axis(0, c - 1);
  chart.y = {0, 100, 20};
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
