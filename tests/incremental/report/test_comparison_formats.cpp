#include "incremental/report/comparison_formats.h"

#include <doctest/doctest.h>

#include <sstream>

#include "incremental/report/comparison.h"
#include "incremental/report/results/tidy_csv.h"
#include "tests/incremental/report/made_up_run.h"
#include "tests/incremental/report/page_checks.h"

namespace mneme::test {
namespace {

std::vector<RunGroup> groups_named(const std::string& method) {
  RunResult published = made_up_run(method, 1, .05);
  published.published = {{"final_accuracy_task_agnostic", .45, .01, "Table 1"}};
  return grouped({{"a", made_up_run("lwf", 1)}, {"b", made_up_run("lwf", 2, .02)}, {"c", published}});
}

PrintedTable printed(const std::vector<RunGroup>& groups, int decimals = 2) {
  return printed_table(comparison_table(groups, usual_measures(groups)), decimals);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::size_t letters(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

TEST_CASE("a table for a terminal has its columns below each other") {
  const std::vector<std::string> lines = lines_of(as_text(printed(groups_named("ewc"))));
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("          task-agnostic (%)") == (lines[0].find("task-agnostic") == 10));
  CHECK(letters(lines[1]) == letters(lines[2]));
  CHECK(letters(lines[2]) == letters(lines[3]));
  CHECK(contains(lines[1], "published"));
  CHECK(contains(lines[2], "66.00 ± 1.41"));
  CHECK(contains(lines[3], "45.00 ± 1.00"));
  CHECK(lines[4] == "mean ± sample standard deviation (n - 1) over 1 to 2 seeds");
}

TEST_CASE("a table in Markdown sets the best off, and names cannot break it") {
  const std::string table = as_markdown(printed(groups_named("a|b_c"), 1));
  const std::vector<std::string> lines = lines_of(table);
  CHECK(contains(lines[0], "| average, task-agnostic (%) |"));
  CHECK(contains(table, "| a\\|b\\_c | **70.0** |"));
  CHECK(contains(table, "| lwf | 66.0 ± 1.4 |"));
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(occurrences(lines[i], "|") - occurrences(lines[i], "\\|") == 9);  // a label, 6 measures, a published column
}

/// What is wrong with a table environment: braces, columns per row, commands that are not known, characters that need
/// an escape. Empty if nothing is.
std::string latex_fault(const std::string& latex) {
  static const std::vector<std::string> known = {
      "begin",   "end",           "centering",      "caption",         "label",    "toprule",
      "midrule", "bottomrule",    "cmidrule",       "multicolumn",     "mathbf",   "pm",
      "textit",  "textbackslash", "textasciitilde", "textasciicircum", "textless", "textgreater",
      "textbar", "footnotesize",  "setlength",      "tabcolsep"};
  int depth = 0;
  bool in_math = false;
  std::size_t columns = 0, found = 1, spanned = 0;
  for (const std::string& line : lines_of(latex)) {
    if (line.starts_with('%')) continue;
    if (const std::size_t at = line.find("\\begin{tabular}{"); at != std::string::npos)
      columns = line.find('}', at + 16) - (at + 16);
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (static_cast<unsigned char>(c) >= 0x80) return "not ASCII: " + line;
      if (c == '\\' && i + 1 < line.size()) {
        const char next = line[++i];
        if (next == '\\') {
          if (found + spanned != columns) return "wrong number of columns: " + line;
          found = 1, spanned = 0;
        } else if (std::isalpha(static_cast<unsigned char>(next))) {
          std::string name;
          while (i < line.size() && std::isalpha(static_cast<unsigned char>(line[i]))) name += line[i++];
          if (std::ranges::find(known, name) == known.end()) return "unknown command " + name;
          if (name == "multicolumn") spanned += static_cast<std::size_t>(std::stoi(line.substr(i + 1))) - 1;
          --i;
        } else if (std::string("&%$#_{}").find(next) == std::string::npos) {
          return "unknown escape: " + line;
        }
        continue;
      }
      if (c == '{') ++depth;
      if (c == '}' && --depth < 0) return "a brace too many: " + line;
      if (c == '$') in_math = !in_math;
      if (c == '&') ++found;
      if (c == '#' || c == '~' || c == '^' || (c == '_' && !in_math)) return "not escaped: " + line;
      if ((c == '<' || c == '>' || c == '|') && !in_math) return "another letter in LaTeX: " + line;
    }
    if (in_math) return "math does not end: " + line;
  }
  return depth == 0 ? "" : "braces left open";
}

TEST_CASE("a table in LaTeX is one that LaTeX takes, whatever the names") {
  const std::vector<RunGroup> groups = groups_named("100 % of \\lwf{x} & #1_$~^<>|\"");
  const std::string latex = as_latex(printed(groups), {});
  CHECK(latex_fault(latex) == "");
  CHECK(contains(latex, "\\begin{tabular}{lrrrrrrr}"));
  CHECK(contains(latex,
                 "\\toprule\n & \\multicolumn{4}{c}{task-agnostic} & \\multicolumn{3}{c}{task-aware} \\\\\n"
                 "\\cmidrule(lr){2-5}\\cmidrule(lr){6-8}\n"));
  CHECK(contains(latex, "lwf & $66.00 \\pm 1.41$ & $51.00 \\pm 1.41$ &  & "));
  CHECK(contains(latex, "& $\\mathbf{70.00}$ & $\\mathbf{55.00}$ & $45.00 \\pm 1.00$ &"));
  CHECK(contains(
      latex,
      "\\caption{In per cent, mean $\\pm$ sample standard deviation ($n - 1$) over 1 to 2 seeds; best in bold.}"));
  CHECK(contains(latex, "\\label{tab:comparison}\n\\footnotesize\n\\setlength{\\tabcolsep}{4pt}\n\\begin{tabular}"));
  CHECK_FALSE(contains(as_latex(printed(grouped({{"a", made_up_run("lwf")}})), {}), "\\footnotesize"));
  CHECK(latex_fault("\\begin{tabular}{lr}\na & b & c \\\\\n") != "");  // the parser itself finds faults
  CHECK(latex_fault("\\caption{50 % of # }") != "");
  const std::string own = as_latex(printed(groups), {"Ours.", "tab:ours"});
  CHECK(contains(own, "\\caption{Ours.}\n\\label{tab:ours}"));
}

TEST_CASE("settings are blocks of a table in LaTeX") {
  RunResult other = made_up_run("ewc");
  other.protocol = other.settings["protocol"] = "bbbbbbbbbbbb";
  other.settings["training"]["epochs"] = 9;
  const std::string latex = as_latex(printed(grouped({{"a", made_up_run("lwf")}, {"b", other}})), {});
  CHECK(latex_fault(latex) == "");
  CHECK(contains(latex, "\\midrule\n\\multicolumn{7}{l}{\\textit{CIFAR-6, 3 tasks, training/epochs 9}} \\\\\n"));
}

TEST_CASE("a comparison on the terminal says what its tests are, and how little three seeds can show") {
  std::vector<NamedRun> runs;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    runs.push_back({"f", made_up_run("finetuning", seed)});
    runs.push_back({"l", made_up_run("lwf", seed, .01 * static_cast<double>(seed))});
  }
  const std::string text = comparison_text(grouped(runs));
  CHECK(contains(text,
                 "lwf minus finetuning: +2.00 points, 95 % interval −0.48 to +4.48, t(2) = 3.46, p = 0.074; "
                 "Wilcoxon p = 0.250\n"));
  CHECK(contains(text, "with 3 seeds its p cannot be smaller than 0.25"));
  CHECK_FALSE(contains(text, "Holm"));  // one pair: nothing to correct for
  CHECK(p_text(.0004) == "< 0.001");
}

TEST_CASE("tidy CSV has a line for every number, and tasks count from 1") {
  RunResult named = made_up_run("a, \"b\"", 7);
  const std::vector<RunGroup> groups = grouped({{"runs/x", named}});
  const std::vector<std::string> lines = lines_of(tidy_csv(groups));
  CHECK(lines[0] ==
        "run,label,method,data_set,seed,protocol,data_id,tasks_planned,after_task,on_task,classes_seen,metric,"
        "prediction,value");
  const std::string begin = "runs/x,\"a, \"\"b\"\"\",\"a, \"\"b\"\"\",CIFAR-6,7,aaaaaaaaaaaa,dddddddddddd,3,";
  const auto has = [&](const std::string& end) { return std::ranges::count(lines, begin + end) == 1; };
  CHECK(has("1,1,2,accuracy,task-agnostic,0.8"));
  CHECK(has("3,2,6,accuracy,task-aware,0.85"));
  CHECK(has("3,,6,accuracy,task-agnostic,0.5"));
  CHECK(has("2,1,4,forgetting,task-agnostic,0.4"));
  CHECK(has(",,,final_accuracy,task-agnostic,0.5"));
  CHECK_FALSE(contains(lines.back(), "nan"));
  for (const std::string& line : lines) CHECK_FALSE(contains(line, "nan"));
  // per matrix: 6 accuracies, 3 over all classes, 3 forgettings, 2 means
  const auto of_steps = std::ranges::count_if(
      lines, [&](const std::string& line) { return line.starts_with(begin) && line[begin.size()] != ','; });
  CHECK(of_steps == 28);
}

}  // namespace
}  // namespace mneme::test
