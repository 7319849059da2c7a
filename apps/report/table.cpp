// report table: the numbers of several runs, for papers, documents and other programs.

#include <CLI/CLI.hpp>

#include "apps/report/verbs.h"
#include "engine/base/suggest.h"
#include "incremental/report/comparison.h"
#include "incremental/report/comparison_formats.h"
#include "incremental/report/results/tidy_csv.h"

namespace mneme {
namespace {

constexpr const char* footer =
    R"(text      columns for a terminal, and paired differences where there are several seeds
markdown  a table for a README
latex     a table environment with booktabs' rules: \usepackage{booktabs}
csv       every number of every run, one per line: run, label, method, data_set, seed, protocol, data_id,
          tasks_planned, after_task, on_task, classes_seen, metric, prediction, value. Tasks count from 1, values are
          fractions of 1, and empty fields mean: a whole run, or all classes seen. pandas.read_csv and R's read.csv
          need no options

Values are per cent, mean ± sample standard deviation (n - 1) over the seeds; the best of each setting is bold.)";

struct Flags {
  RunFlags runs;
  std::string format = "text", out;
  std::vector<std::string> measures;
  int decimals = 2;
  LatexOptions latex;
};

std::vector<Measure> measures_of(const Flags& flags, const std::vector<RunGroup>& groups) {
  if (flags.measures.empty()) return usual_measures(groups);
  std::vector<Measure> measures;
  for (const std::string& key : flags.measures) measures.push_back(measure_of(groups[0].first(), key));
  return measures;
}

PrintedTable table_of(const Flags& flags, const std::vector<RunGroup>& groups) {
  return printed_table(comparison_table(groups, measures_of(flags, groups)), flags.decimals);
}

std::string text(const Flags& flags, const std::vector<RunGroup>& groups) {
  return as_text(table_of(flags, groups)) + comparison_notes(groups);
}
std::string markdown(const Flags& flags, const std::vector<RunGroup>& groups) {
  return as_markdown(table_of(flags, groups));
}
std::string latex(const Flags& flags, const std::vector<RunGroup>& groups) {
  return as_latex(table_of(flags, groups), flags.latex);
}
std::string csv(const Flags&, const std::vector<RunGroup>& groups) { return tidy_csv(groups); }

constexpr std::pair<const char*, std::string (*)(const Flags&, const std::vector<RunGroup>&)> formats[] = {
    {"text", text}, {"markdown", markdown}, {"latex", latex}, {"csv", csv}};

}  // namespace

Verb add_table(CLI::App& program) {
  CLI::App* verb = program.add_subcommand("table", "The numbers of several runs as text, Markdown, LaTeX or tidy CSV");
  const auto flags = std::make_shared<Flags>();
  add_run_flags(*verb, flags->runs, true);
  verb->add_option("--format", flags->format, "text, markdown, latex or csv")->capture_default_str();
  verb->add_option("--out", flags->out, "File to write (default: print it)");
  verb->add_option("--measures", flags->measures, "Columns, by the names of summary.json, with commas between them")
      ->delimiter(',');
  verb->add_option("--decimals", flags->decimals, "Digits behind the point")
      ->check(CLI::Range(0, 4))
      ->capture_default_str();
  verb->add_option("--caption", flags->latex.caption, "Caption of the LaTeX table, as LaTeX");
  verb->add_option("--label", flags->latex.label, "Label of the LaTeX table")->capture_default_str();
  verb->footer(footer);
  return {verb, [flags] {
            const auto format = choose_by_name("format", flags->format, formats);
            write_or_print(flags->out, format(*flags, groups_of(flags->runs, Reading::summary)));
          }};
}

}  // namespace mneme
