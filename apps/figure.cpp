// Pictures of several runs side by side, as an SVG file for pages and papers.
//
//   figure last-layer runs/lwf runs/lwf-bsr --out heads.svg

#include <cstdio>

#include "apps/common/command_line.h"
#include "engine/suggest.h"
#include "incremental/atomic_file.h"
#include "incremental/report/run_figures.h"
#include "incremental/report/stored_run.h"
#include "incremental/report/svg_file.h"

namespace {

using namespace mneme;

struct Flags {
  std::vector<std::string> runs;
  std::string what = "logits", out = "figure.svg";
};

/// The same axis for all, so that panels can be compared.
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
  for (const std::string& folder : flags.runs) {
    const RunResult run = stored_run(folder);
    charts.push_back(head_levels_chart(run, quantity));
    charts.back().title = run.method;
  }
  share_axis(charts);
  write_file_atomically(flags.out, svg_file(charts));
  fmt::print("{}\n", flags.out);
}

int run(const std::vector<std::string>& arguments) {
  Flags flags;
  CLI::App app("Pictures of runs, side by side, as an SVG file", "figure");
  CLI::App* last_layer =
      app.add_subcommand("last-layer", "Per task, over time: mean logits, lengths of weights or biases of its classes");
  last_layer->add_option("runs", flags.runs, "Folders of runs")->required();
  last_layer->add_option("--what", flags.what, "logits, weights or biases")->capture_default_str();
  last_layer->add_option("--out", flags.out, "File to write")->capture_default_str();
  app.require_subcommand(1);
  if (parse_arguments(app, arguments)) draw_last_layer(flags);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try { return run({argv + 1, argv + argc}); } catch (const mneme::Error& error) {
  fmt::print(stderr, "figure: {}\n", error.what());
  return error.exit_code();
} catch (const std::exception& error) {
  fmt::print(stderr, "figure: {}\n", error.what());
  return 1;
}
