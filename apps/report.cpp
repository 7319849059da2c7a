// Pages and pictures of several runs.
//
//   report compare runs/lwf runs/ewc --out page.html      one page, numbers and pictures side by side
//   report curves runs/lwf runs/ewc                       accuracy step by step as an SVG file
//   report last-layer runs/lwf runs/lwf-bsr               their last layers, likewise

#include <cstdio>

#include "apps/common/command_line.h"
#include "apps/common/run.h"
#include "data/files/atomic_file.h"
#include "engine/base/suggest.h"
#include "incremental/report/charts/svg_file.h"
#include "incremental/report/comparison.h"
#include "incremental/report/comparison_figures.h"
#include "incremental/report/run_figures.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  report compare runs/finetuning runs/lwf
      writes comparison.html: a page that needs no network
  report compare runs/lwf/seed1 runs/lwf/seed2 runs/ewc --out lwf-or-ewc.html
      seeds of the same settings become one row, mean and deviation; runs/ewc may be a folder that --seeds filled
  report curves runs/lwf runs/ewc --what forgetting --out forgetting.svg
      forgetting after every step, a curve per method, for a page or paper of your own
  report last-layer runs/lwf runs/lwf-bsr --what weights --out heads.svg
      lengths of the last layer's weights, task by task)";

constexpr const char* compare_footer =
    R"(RUN is the folder that a run's --out named, or one that --seeds filled. A run need not be finished.
The page shows: averages and final accuracy, forgetting, published numbers where a preset has them, accuracy after
every step, where predictions go, confusion matrices, learned weights, and the settings in which the runs differ.

Numbers compare where class order, splits, training, memory and network (the protocol) and every image (the data)
are the same; a run's summary.json says so by two ids. Others are refused, and what differs is named.)";

struct Flags {
  std::vector<std::string> runs;
  std::string curve = "accuracy", what = "logits", out;
  bool allow_different = false;
};

std::vector<RunGroup> groups_to_compare(const Flags& flags) {
  std::vector<NamedRun> runs = runs_in(flags.runs);
  if (!flags.allow_different) check_comparable(runs);
  return grouped(std::move(runs));
}

void write_out(const Flags& flags, const char* usual_name, const std::string& content) {
  const std::string file = flags.out.empty() ? usual_name : flags.out;
  write_file_atomically(file, content);
  fmt::print("{}\n", file);
}

void compare(const Flags& flags) { write_out(flags, "comparison.html", comparison_html(groups_to_compare(flags))); }

void draw_curves(const Flags& flags) {
  constexpr std::pair<const char*, std::vector<LineChart> (*)(Groups)> pictures[] = {{"accuracy", accuracy_charts},
                                                                                     {"forgetting", forgetting_charts}};
  const auto picture = choose_by_name("curve", flags.curve, pictures);
  const std::vector<LineChart> charts = picture(groups_to_compare(flags));
  MNEME_CHECK(!charts.empty(), "no run has got to a second task, so nothing can be forgotten yet");
  write_out(flags, "curves.svg", svg_file(charts));
}

/// All panels have the same axis, so that they can be compared.
void share_axis(std::vector<LineChart>& charts) {
  double low = charts[0].y.low, high = charts[0].y.high;
  for (const LineChart& chart : charts) low = std::min(low, chart.y.low), high = std::max(high, chart.y.high);
  for (LineChart& chart : charts) chart.y = round_axis(low, high);
}

void draw_last_layer(const Flags& flags) {
  constexpr std::pair<const char*, HeadQuantity> quantities[] = {
      {"logits", mean_logits}, {"weights", weight_lengths}, {"biases", biases}};
  const HeadQuantity quantity = choose_by_name("quantity", flags.what, quantities);
  std::vector<LineChart> charts;
  for (const RunGroup& group : grouped(runs_in(flags.runs)))
    for (const auto& [name, run] : group.runs) {
      MNEME_CHECK(!run.last_layer.empty(), "{} holds no last_layer.csv; was the run made by an older version?", name);
      charts.push_back(head_levels_chart(run, quantity));
      charts.back().title = group.label + (group.runs.size() > 1 ? fmt::format(", seed {}", run.seed) : "");
    }
  share_axis(charts);
  write_out(flags, "last-layer.svg", svg_file(charts));
}

int run(const std::vector<std::string>& arguments) {
  Flags flags;
  CLI::App app("Several runs side by side, read from the folders they left behind", "report");
  CLI::App* comparison = app.add_subcommand("compare", "One page about several runs: numbers, curves, confusion");
  CLI::App* curves = app.add_subcommand(
      "curves", "An SVG file: accuracy or forgetting after every step, task-agnostic and task-aware, a curve per run");
  CLI::App* last_layer = app.add_subcommand(
      "last-layer", "An SVG file: mean logits, lengths of weights or biases of each task's classes, over time");
  for (CLI::App* verb : {comparison, curves, last_layer})
    verb->add_option("RUN", flags.runs, "Folders of runs")->required();
  comparison->add_option("--out", flags.out, "File to write (comparison.html)");
  for (CLI::App* verb : {comparison, curves})
    verb->add_flag("--allow-different,--mixed", flags.allow_different,
                   "Show even runs of different protocols or data; the page of compare says that they do not compare");
  comparison->footer(compare_footer);
  curves->add_option("--what", flags.curve, "accuracy or forgetting")->capture_default_str();
  curves->add_option("--out", flags.out, "File to write (curves.svg)");
  last_layer->add_option("--what", flags.what, "logits, weights or biases")->capture_default_str();
  last_layer->add_option("--out", flags.out, "File to write (last-layer.svg)");
  app.footer(examples);
  if (!parse_arguments(app, arguments)) return 0;
  if (app.get_subcommands().empty()) fail_usage("say what to make: compare, curves or last-layer (--help explains)");
  comparison->parsed() ? compare(flags) : curves->parsed() ? draw_curves(flags) : draw_last_layer(flags);
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return mneme::run_program({argv, argv + argc}, "report", run); }
