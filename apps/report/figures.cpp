// report curves, last-layer and ranks: figures as files.

#include <CLI/CLI.hpp>

#include "apps/report/verbs.h"
#include "engine/base/suggest.h"
#include "incremental/report/comparison_figures.h"
#include "incremental/report/rank_comparison.h"
#include "incremental/report/run_figures.h"

namespace mneme {
namespace {

struct CurveFlags {
  RunFlags runs;
  FigureFlags figure;
  std::string what = "accuracy", prediction = "both";
  bool full_axes = false;
};

void draw_curves(const CurveFlags& flags) {
  constexpr std::pair<const char*, bool> whats[] = {{"accuracy", true}, {"forgetting", false}};
  constexpr std::pair<const char*, Predictions> predictions[] = {
      {"both", Predictions::both}, {"task-agnostic", Predictions::agnostic}, {"task-aware", Predictions::aware}};
  const bool is_accuracy = choose_by_name("curve", flags.what, whats);
  const Predictions shown = choose_by_name("kind of prediction", flags.prediction, predictions);
  const std::vector<RunGroup> groups = groups_of(flags.runs);
  const std::vector<LineChart> charts =
      is_accuracy ? accuracy_charts(groups, flags.full_axes, shown) : forgetting_charts(groups, shown);
  MNEME_CHECK(!charts.empty(), "no run has got to a second task, so nothing can be forgotten yet");
  write_figure(flags.figure, charts[0].title, [&](const FigureStyle& style) { return svg_file(charts, style); });
}

struct LayerFlags {
  RunFlags runs;
  FigureFlags figure;
  std::string what = "logits";
};

/// Gives all charts the same axis, so that panels can be compared.
void share_axis(std::vector<LineChart>& charts) {
  double low = charts[0].y.low, high = charts[0].y.high;
  for (const LineChart& chart : charts) low = std::min(low, chart.y.low), high = std::max(high, chart.y.high);
  for (LineChart& chart : charts) chart.y = round_axis(low, high);
}

void draw_last_layer(const LayerFlags& flags) {
  constexpr std::pair<const char*, HeadQuantity> quantities[] = {
      {"logits", mean_logits}, {"weights", weight_lengths}, {"biases", biases}};
  const HeadQuantity quantity = choose_by_name("quantity", flags.what, quantities);
  std::vector<LineChart> charts;
  for (const RunGroup& group : grouped(runs_in(flags.runs.runs)))
    for (const auto& [name, run] : group.runs) {
      MNEME_CHECK(!run.last_layer.empty(), "{} holds no last_layer.csv; was the run made by an older version?", name);
      charts.push_back(head_levels_chart(run, quantity));
      charts.back().title = group.label + (group.runs.size() > 1 ? fmt::format(", seed {}", run.seed) : "");
    }
  share_axis(charts);
  write_figure(flags.figure, "Last layers", [&](const FigureStyle& style) { return svg_file(charts, style); });
}

struct RankFlags {
  RunFlags runs;
  FigureFlags figure;
  std::string measure = "average_incremental_accuracy_task_agnostic";
  double alpha = 0.05;
};

void draw_ranks(RankFlags flags) {
  flags.runs.mixed = true;
  const std::vector<RunGroup> groups = groups_of(flags.runs, Reading::summary);
  const RankComparison ranks = rank_comparison(groups, measure_of(groups[0].first(), flags.measure), flags.alpha);
  fmt::print(stderr, "{}\n", ranks.diagram.note);
  write_figure(flags.figure, ranks.diagram.title,
               [&](const FigureStyle& style) { return svg_file(ranks.diagram, style); });
}

}  // namespace

Verb add_curves(CLI::App& program) {
  CLI::App* verb =
      program.add_subcommand("curves", "A figure: accuracy or forgetting after every task, a curve per method");
  const auto flags = std::make_shared<CurveFlags>();
  add_run_flags(*verb, flags->runs, true);
  verb->add_option("--what", flags->what, "accuracy or forgetting")->capture_default_str();
  verb->add_option("--prediction", flags->prediction, "both, task-agnostic or task-aware")->capture_default_str();
  verb->add_flag("--full-axes", flags->full_axes, "Draw accuracies from 0 to 100 per cent, not as far as they reach");
  add_figure_flags(*verb, flags->figure, "curves.svg");
  return {verb, [flags] { draw_curves(*flags); }};
}

Verb add_last_layer(CLI::App& program) {
  CLI::App* verb = program.add_subcommand(
      "last-layer", "A figure: mean logits, lengths of weights or biases of each task's classes, over time");
  const auto flags = std::make_shared<LayerFlags>();
  add_run_flags(*verb, flags->runs, false);
  verb->add_option("--what", flags->what, "logits, weights or biases")->capture_default_str();
  add_figure_flags(*verb, flags->figure, "last-layer.svg");
  return {verb, [flags] { draw_last_layer(*flags); }};
}

Verb add_ranks(CLI::App& program) {
  CLI::App* verb = program.add_subcommand(
      "ranks", "A figure: mean ranks of three methods or more over two settings or more, with the critical difference");
  const auto flags = std::make_shared<RankFlags>();
  add_run_flags(*verb, flags->runs, false);
  verb->add_option("--measure", flags->measure, "What is ranked, by its name in summary.json")->capture_default_str();
  verb->add_option("--alpha", flags->alpha, "Level of Nemenyi's test")
      ->check(CLI::Range(1e-4, 0.5))
      ->capture_default_str();
  add_figure_flags(*verb, flags->figure, "ranks.svg");
  verb->footer(
      "A setting is a protocol and a data set: other tasks, memory, network or images. Methods are ranked in every\n"
      "setting by their mean over the seeds. Friedman's test asks whether all perform alike; two methods differ by\n"
      "Nemenyi's test if their mean ranks do by the critical difference (Demsar, JMLR 7, 2006). A bar joins methods "
      "that\n"
      "are not told apart. Methods that are missing in a setting are left out, and named.");
  return {verb, [flags] { draw_ranks(*flags); }};
}

}  // namespace mneme
