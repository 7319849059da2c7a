#include "incremental/report/comparison_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "incremental/report/charts/bar_chart.h"
#include "incremental/report/charts/colours.h"
#include "incremental/report/confusion_figure.h"
#include "incremental/report/curves.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/settings_groups.h"
#include "incremental/report/run_figures.h"
#include "incremental/report/statistics/sample.h"

namespace mneme {
namespace {

constexpr std::size_t most_curves = 12;  // more curves could not be told apart by colours and markers
constexpr std::size_t most_bars = 5;

std::span<const int> tasks_done(const RunResult& run) {
  return {run.classes_per_task.data(), static_cast<std::size_t>(run.tasks_done())};
}

/// One of a run's two matrices.
struct Kind {
  const char* name;
  AccuracyMatrix RunResult::*matrix;
  Predictions predictions;
};
constexpr Kind kinds[] = {{"task-agnostic", &RunResult::task_agnostic, Predictions::agnostic},
                          {"task-aware", &RunResult::task_aware, Predictions::aware}};

std::vector<Kind> kinds_of(Predictions shown) {
  std::vector<Kind> found;
  for (const Kind& kind : kinds)
    if (shown == Predictions::both || shown == kind.predictions) found.push_back(kind);
  return found;
}

/// Mean and deviation over the runs of the group, per step.
Curve curve_of(const RunGroup& group, const PerStep& per_step, const Kind& kind) {
  std::vector<std::vector<double>> all;
  for (const NamedRun& each : group.runs) all.push_back(per_step(each.run, each.run.*kind.matrix));
  std::vector<double> means, deviations;
  for (std::size_t step = 0; step < all[0].size(); ++step) {
    std::vector<double> values;
    for (const std::vector<double>& run : all) values.push_back(run[step]);
    means.push_back(mean_of(values));
    deviations.push_back(deviation_of(values));
  }
  return curve_over_classes(group.first(), means, deviations);
}

/// Some curves of a setting, from position `from` on. The title is extended by the kind, by the setting if there are
/// several, and by the numbers of the curves if there are several charts of them.
LineChart chart_of(Groups all, const Setting& setting, std::size_t from, const PerStep& per_step, const Kind& kind,
                   const char* title) {
  const std::size_t count = setting.groups.size(), end = std::min(count, from + most_curves);
  LineChart chart;
  std::vector<RunResult> shown;
  for (std::size_t i = from; i < end; ++i) {
    const RunGroup& group = all[setting.groups[i]];
    Curve& curve = chart.curves.emplace_back(curve_of(group, per_step, kind));
    curve.name = setting.names[i];
    curve.colour = series_colour(static_cast<int>(i - from));
    shown.push_back(group.first());
  }
  chart.title = fmt::format("{}, {}{}{}{}", title, kind.name, setting.label.empty() ? "" : "; ", setting.label,
                            count > most_curves ? fmt::format(" ({} to {} of {})", from + 1, end, count) : "");
  chart.x_label = "classes seen";
  chart.x = classes_axis(shown);
  chart.end_values = shown.size() <= 6;
  return chart;
}

/// The charts of all settings, most_curves curves in each.
std::vector<LineChart> charts_of(Groups groups, const PerStep& per_step, Predictions shown, const char* title) {
  std::vector<LineChart> charts;
  for (const Setting& setting : settings_of(groups))
    for (std::size_t from = 0; from < setting.groups.size(); from += most_curves)
      for (const Kind& kind : kinds_of(shown)) charts.push_back(chart_of(groups, setting, from, per_step, kind, title));
  return charts;
}

bool repeats(Groups groups) {
  return std::ranges::any_of(groups, [](const RunGroup& group) { return group.runs.size() > 1; });
}

std::string note_of(const char* what, Groups groups) {
  return fmt::format("{}{}", what,
                     repeats(groups) ? " Mean over the seeds; whiskers: their sample deviation (n − 1)." : "");
}

/// The longest stretches of groups whose learned tasks have the same sizes, each of at most `most` groups.
std::vector<Groups> stretches(Groups groups, std::size_t most) {
  std::vector<Groups> found;
  for (std::size_t from = 0, end; from < groups.size(); from = end) {
    const auto alike = [&](const RunGroup& group) {
      return std::ranges::equal(tasks_done(group.first()), tasks_done(groups[from].first()));
    };
    for (end = from + 1; end < groups.size() && end - from < most && alike(groups[end]);) ++end;
    found.push_back(groups.subspan(from, end - from));
  }
  return found;
}

/// The mean over the runs of the group.
std::vector<double> predicted_shares(const RunGroup& group) {
  std::vector<double> sum(tasks_done(group.first()).size());
  for (const NamedRun& each : group.runs) {
    const TaskShares shares = shares_per_task(each.run.confusion, tasks_done(each.run));
    for (std::size_t task = 0; task < sum.size(); ++task)
      sum[task] += shares.predicted[task] / static_cast<double>(group.runs.size());
  }
  return sum;
}

/// Classes are counted in the order in which each seed learned them.
ConfusionMatrix sum_over_seeds(const RunGroup& group) {
  ConfusionMatrix sum(group.first().confusion.classes());
  for (const NamedRun& each : group.runs)
    for (const auto& [at, count] : each.run.confusion.counts()) sum.add(at.first, at.second, count);
  return sum;
}

/// `first_colour` is the colour of the first group.
std::string prediction_share_figure(Groups groups, std::size_t first_colour) {
  BarChart chart;
  chart.title = "Where the predictions go";
  chart.x_label = "task";
  chart.y_label = "share (%)";
  for (std::size_t i = 0; i < groups.size(); ++i)
    chart.series.push_back(
        {groups[i].label, series_colour(static_cast<int>(first_colour + i)), predicted_shares(groups[i])});
  const RunResult& run = groups[0].first();
  chart.series.push_back({"test images", "var(--soft)", shares_per_task(run.confusion, tasks_done(run)).true_images});
  chart.note = predictions_note;
  return draw(chart);
}

}  // namespace

std::vector<LineChart> accuracy_charts(Groups groups, bool full_axes, Predictions shown) {
  std::vector<LineChart> charts = charts_of(groups, accuracy_per_step, shown, "Accuracy over all classes seen so far");
  for (LineChart& chart : charts) {
    chart.y_label = "accuracy (%)";
    chart.y = full_axes ? Axis{0, 100, 20} : fitted_axis(chart.curves);
    chart.note = note_of(accuracy_note, groups);
  }
  return charts;
}

std::vector<LineChart> forgetting_charts(Groups groups, Predictions shown) {
  const auto can_forget = [](const RunGroup& group) { return group.first().tasks_done() > 1; };
  if (std::ranges::none_of(groups, can_forget)) return {};
  std::vector<LineChart> charts = charts_of(groups, forgetting_per_step, shown, "Mean forgetting of the earlier tasks");
  for (LineChart& chart : charts) {
    chart.y_label = "forgetting (points)";
    chart.y = axis_for(chart.curves);
    chart.note = note_of(forgetting_note, groups);
  }
  return charts;
}

std::string figures(std::span<const LineChart> charts) {
  std::string out;
  for (const LineChart& chart : charts) out += draw(chart);
  return out;
}

std::string prediction_share_figures(Groups groups) {
  std::string out;
  std::size_t colour = 0;
  for (const Groups& stretch : stretches(groups, most_bars)) {
    out += prediction_share_figure(stretch, colour);
    colour += stretch.size();
  }
  return out;
}

std::string confusion_figures(Groups groups) {
  const Groups shown = groups.first(std::min(groups.size(), most_confusions));
  std::vector<ConfusionMatrix> sums;
  double per_seed = 0;  // the largest mean count
  for (const RunGroup& group : shown) {
    sums.push_back(sum_over_seeds(group));
    per_seed =
        std::max(per_seed, static_cast<double>(largest_count(sums.back())) / static_cast<double>(group.runs.size()));
  }
  std::string out;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::size_t seeds = shown[i].runs.size();
    out += confusion_figure(sums[i], tasks_done(shown[i].first()),
                            {.title = shown[i].label + (seeds > 1 ? fmt::format(", {} seeds added", seeds) : ""),
                             .full_scale = std::llround(per_seed * static_cast<double>(seeds)),
                             .class_names = shown[i].first().class_names});
  }
  return out;
}

std::string alpha_figure(Groups groups) {
  LineChart chart;
  std::size_t epochs = 0;
  for (std::size_t i = 0; i < groups.size(); ++i)
    for (const NamedRun& each : groups[i].runs) {
      if (!learns_alpha(each.run)) continue;
      Curve& curve = chart.curves.emplace_back(curve_over_epochs(each.run, alpha_of));
      curve.name = groups[i].label + (groups[i].runs.size() > 1 ? fmt::format(", seed {}", each.run.seed) : "");
      curve.colour = series_colour(static_cast<int>(i));
      epochs = std::max(epochs, each.run.epochs.size());
    }
  if (chart.curves.empty()) return {};
  chart.title = "Learned weight of old classes" + (chart.curves.size() == 1 ? ", " + chart.curves[0].name : "");
  chart.x_label = "epoch, counted over all tasks";
  chart.y_label = "α";
  chart.x = whole_number_axis(0, static_cast<int>(epochs), 10);
  chart.y = axis_for(chart.curves, 0, 1);
  chart.note = alpha_note;
  return draw(chart);
}

}  // namespace mneme
