// report compare: one page of several runs, and its numbers on the terminal.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "apps/report/verbs.h"
#include "incremental/report/comparison.h"

namespace mneme {
namespace {

constexpr const char* footer =
    R"(The page shows: averages and final accuracy, forgetting, published numbers where a preset has them, paired
differences with confidence intervals and p-values, accuracy after every task, where predictions go, confusion matrices
over the seeds, learned weights, and the settings in which the runs differ. The numbers are printed, too. A run need not
be finished.

Runs that differ in their seed alone are one row: mean and sample standard deviation (n - 1). Numbers compare where class
order, splits, training, memory and network (the protocol) and every image (the data) are the same; a run's summary.json
says so by two ids. Others are refused, and what differs is named; --mixed shows them, each setting by itself. Three
methods or more that were run in two settings or more are ranked: Friedman's test and a critical-difference diagram.)";

struct Flags {
  RunFlags runs;
  ComparisonOptions options;
  std::string out = "comparison.html";
  bool quiet = false;
};

void compare(const Flags& flags) {
  const std::vector<RunGroup> groups = groups_of(flags.runs);
  const std::string page = comparison_html(groups, flags.options);
  if (!flags.quiet) fmt::print("{}", comparison_text(groups, flags.options));
  write_or_print(flags.out, page);
}

}  // namespace

Verb add_compare(CLI::App& program) {
  CLI::App* verb = program.add_subcommand("compare", "One page about several runs: numbers, tests, curves, confusion");
  const auto flags = std::make_shared<Flags>();
  add_run_flags(*verb, flags->runs, true);
  verb->add_option("--out", flags->out, "File to write")->capture_default_str();
  verb->add_option("--reference", flags->options.reference,
                   "Compare every row with this one, by its name in the table, and not with all others");
  verb->add_option("--confidence", flags->options.confidence, "Confidence of the intervals")
      ->check(CLI::Range(0.5, 0.9999))
      ->capture_default_str();
  verb->add_flag("--full-axes", flags->options.full_axes,
                 "Draw accuracies from 0 to 100 per cent, not as far as they reach");
  verb->add_flag("--quiet", flags->quiet, "Print only the name of the page");
  verb->footer(footer);
  return {verb, [flags] { compare(*flags); }};
}

}  // namespace mneme
