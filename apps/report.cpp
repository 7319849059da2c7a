// Pages, tables and figures of several runs.
//
//   report compare runs/lwf runs/ewc --out page.html      one page, numbers and figures side by side
//   report table 'runs/*' --format latex                  their numbers for a paper
//   report curves runs/lwf runs/ewc --out curves.pdf      accuracy task by task as a figure
//   report index runs                                     a page that lists all runs
//   report model runs/lwf                                 what a trained model is, as a model card

#include <CLI/CLI.hpp>

#include "apps/command_line/command_line.h"
#include "apps/common/run.h"
#include "apps/report/verbs.h"
#include "engine/base/error.h"

namespace {

using namespace mneme;

constexpr const char* examples = R"(Examples:
  report compare runs/finetuning runs/lwf
      prints the numbers and writes comparison.html: a page that needs no network
  report compare 'runs/*' --reference finetuning
      all runs below; seeds of the same settings become one row, mean and deviation
  report table runs/finetuning runs/lwf --format latex --out table.tex
      a table with booktabs' rules; markdown and csv (every number, for pandas and R) as well
  report curves runs/lwf runs/ewc --out curves.pdf --width 84 --font-size 8 --palette grey
      accuracy after every task, for a column of a paper
  report ranks 'runs/*' --out ranks.pdf
      a critical-difference diagram of many methods over several settings
  report index runs
      runs/index.html: all runs below the folder, newest first
  report model runs/lwf --out README.md
      a model card for the hub that the model is given to)";

constexpr Verb (*verbs[])(CLI::App&) = {add_compare, add_table, add_curves, add_last_layer,
                                        add_ranks,   add_index, add_model};

/// CLI11 reads '[ab]' as a list in brackets. As './[ab]' it is the pattern that it was meant to be.
std::vector<std::string> with_patterns_as_paths(std::vector<std::string> words) {
  for (std::string& word : words)
    if (word.starts_with('[') && word.ends_with(']')) word.insert(0, "./");
  return words;
}

int run(const std::vector<std::string>& arguments) {
  CLI::App app("Several runs side by side, read from the folders they left behind", "report");
  std::vector<Verb> all;
  for (const auto add : verbs) all.push_back(add(app));
  app.footer(examples);
  if (!parse_arguments(app, with_patterns_as_paths(arguments))) return 0;
  for (const Verb& verb : all)
    if (verb.app->parsed()) {
      verb.run();
      return 0;
    }
  fail_usage("say what to make: compare, table, curves, last-layer, ranks, index or model (--help explains)");
}

}  // namespace

int main(int argc, char** argv) { return mneme::run_program({argv, argv + argc}, "report", run); }
