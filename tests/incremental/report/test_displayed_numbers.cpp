// The numbers that people read in a report, in a comparison and in a line of seeds. The made-up runs below have
// matrices whose every entry differs from every other, so that no two numbers can take each other's place unnoticed.
// Whole rows and all points of a chart are compared; expected values were calculated by hand.

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <string>
#include <vector>

#include "incremental/report/comparison.h"
#include "incremental/report/report.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/run_groups.h"
#include "incremental/report/results/seeds.h"
#include "tests/incremental/report/page_checks.h"

namespace mneme::test {
namespace {

using Texts = std::vector<std::string>;

/// Three tasks of 3, 2 and 1 classes with 30, 20 and 10 test images.
///   Acc_t: task-agnostic 81, 56.4 and 41.83 %, task-aware 92, 88.6 and 81.17 %, of top 5 99, 91.6 and 83.5 %
RunResult all_different() {
  RunResult run;
  run.method = "lwf";
  run.data_set = "CIFAR-6";
  run.seed = 1;
  run.classes_per_task = {3, 2, 1};
  run.test_images_per_task = {30, 20, 10};
  run.task_agnostic = AccuracyMatrix({{.81}, {.52, .63}, {.34, .46, .57}});
  run.task_aware = AccuracyMatrix({{.92}, {.85, .94}, {.71, .89, .96}});
  run.top5 = AccuracyMatrix({{.99}, {.88, .97}, {.77, .86, .98}});
  run.confusion = ConfusionMatrix(6);
  // Of task 1 seventeen images are taken for task 2 and four for task 3, of task 2 five for task 3.
  for (const auto& [truth, predicted, count] : std::vector<std::array<int, 3>>{{0, 0, 9},
                                                                               {0, 3, 1},
                                                                               {1, 4, 10},
                                                                               {2, 3, 6},
                                                                               {2, 5, 4},
                                                                               {3, 3, 8},
                                                                               {3, 4, 2},
                                                                               {4, 4, 5},
                                                                               {4, 5, 5},
                                                                               {5, 5, 10}})
    run.confusion.add(truth, predicted, count);
  for (int task = 0; task < 3; ++task) run.epochs.push_back({task, 1, "train", 3.0 - task, {}, .1, 1, 1});
  run.published = {{"final_accuracy_task_agnostic", .4, .012, "Table 1, LwF"},
                   {"average_incremental_accuracy_task_aware", .9, {}, "Table 2, LwF"}};
  run.settings = {{"method", {{"name", "lwf"}}}, {"seed", 1}};
  run.protocol = "aaaaaaaaaaaa";
  run.data_id = "dddddddddddd";
  return run;
}

/// Every text between `open` and `close`.
Texts all_between(const std::string& text, const std::string& open, const std::string& close) {
  Texts found;
  for (size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    found.push_back(text.substr(at, text.find(close, at) - at));
  }
  return found;
}

std::string without_tags(const std::string& html) {
  std::string out;
  bool inside = false;
  for (const char c : html) {
    if (c == '<') inside = true;
    if (!inside) out += c;
    if (c == '>') inside = false;
  }
  return out;
}

std::string section_of(const std::string& page, const std::string& title) {
  const Texts sections = all_between(page, "<h2>" + title + "</h2>", "</section>");
  REQUIRE_MESSAGE(sections.size() == 1, title);
  return sections[0];
}

/// The rows of a section's tables, cells separated by bars.
Texts rows_of(const std::string& html) {
  Texts rows;
  for (const std::string& row : all_between(html, "<tr>", "</tr>")) {
    std::string line;
    for (const std::string& cell : all_between(row, "<td", "</td>"))
      line += (line.empty() ? "" : " | ") + without_tags(cell.substr(cell.find('>') + 1));
    if (!line.empty()) rows.push_back(line);
  }
  return rows;
}

/// The hover texts of each figure, by the figure's caption.
std::map<std::string, Texts> figures_of(const std::string& html) {
  std::map<std::string, Texts> figures;
  for (const std::string& figure : all_between(html, "<figure", "</figure>")) {
    const Texts titles = all_between(figure, "aria-label=\"", "\"");
    REQUIRE(titles.size() == 1);
    const std::string& title = titles[0];
    REQUIRE_FALSE(figures.contains(title));
    figures[title] = all_between(figure, "<title>", "</title>");
  }
  return figures;
}

void check_texts(const Texts& found, const Texts& expected) {
  CHECK(fmt::format("{}", fmt::join(found, "\n")) == fmt::format("{}", fmt::join(expected, "\n")));
}

TEST_CASE("a report's cards") {
  Texts cards;
  for (const std::string& card : all_between(report_html(all_different()), "<div class=card>", "</div></div>"))
    cards.push_back(without_tags(card.substr(0, card.find("<div class=how>"))));
  check_texts(cards, {"Average incremental accuracytask-agnostic59.7%", "Average incremental accuracytask-aware87.3%",
                      "Final accuracytask-agnostic41.8%", "Final accuracytask-aware81.2%",
                      "Forgettingtask-agnostic32.0%", "Forgettingtask-aware13.0%"});
}

TEST_CASE("a report's accuracies: curves over classes, curves of tasks, matrices") {
  const std::string page = report_html(all_different());
  std::map<std::string, Texts> figures = figures_of(section_of(page, "Accuracy"));
  figures.merge(figures_of(section_of(page, "Accuracy matrices")));
  figures.merge(figures_of(section_of(page, "Forgetting")));
  check_texts(figures["Accuracy over all classes seen so far"],
              {"task-agnostic: 81.00 % after task 1 (3 classes)", "task-agnostic: 56.40 % after task 2 (5 classes)",
               "task-agnostic: 41.83 % after task 3 (6 classes)", "task-aware: 92.00 % after task 1 (3 classes)",
               "task-aware: 88.60 % after task 2 (5 classes)", "task-aware: 81.17 % after task 3 (6 classes)"});
  check_texts(figures["Mean forgetting of the earlier tasks"],
              {"task-agnostic: 29.00 % after task 2 (5 classes)", "task-agnostic: 32.00 % after task 3 (6 classes)",
               "task-aware: 7.00 % after task 2 (5 classes)", "task-aware: 13.00 % after task 3 (6 classes)"});
  check_texts(figures["Each task over time, task-agnostic"],
              {"task 1: 81.00 % after task 1", "task 1: 52.00 % after task 2", "task 1: 34.00 % after task 3",
               "task 2: 63.00 % after task 2", "task 2: 46.00 % after task 3", "task 3: 57.00 % after task 3"});
  check_texts(figures["Each task over time, task-aware"],
              {"task 1: 92.00 % after task 1", "task 1: 85.00 % after task 2", "task 1: 71.00 % after task 3",
               "task 2: 94.00 % after task 2", "task 2: 89.00 % after task 3", "task 3: 96.00 % after task 3"});
  check_texts(figures["Accuracy, task-agnostic (%)"],
              {"task 1 after learning task 1: 81.00 %", "task 1 after learning task 2: 52.00 %",
               "task 2 after learning task 2: 63.00 %", "task 1 after learning task 3: 34.00 %",
               "task 2 after learning task 3: 46.00 %", "task 3 after learning task 3: 57.00 %"});
  check_texts(figures["Accuracy, task-aware (%)"],
              {"task 1 after learning task 1: 92.00 %", "task 1 after learning task 2: 85.00 %",
               "task 2 after learning task 2: 94.00 %", "task 1 after learning task 3: 71.00 %",
               "task 2 after learning task 3: 89.00 %", "task 3 after learning task 3: 96.00 %"});
  check_texts(figures["Forgetting, task-agnostic (points)"],
              {"task 1 after learning task 2, lost: 29.00 %", "task 1 after learning task 3, lost: 47.00 %",
               "task 2 after learning task 3, lost: 17.00 %"});
  check_texts(figures["Forgetting, task-aware (points)"],
              {"task 1 after learning task 2, lost: 7.00 %", "task 1 after learning task 3, lost: 21.00 %",
               "task 2 after learning task 3, lost: 5.00 %"});
}

TEST_CASE("a cell of a report's matrix stands in its row and column, with its number in it") {
  const Texts maps = all_between(section_of(report_html(all_different()), "Accuracy matrices"), "<figure", "</figure>");
  REQUIRE(maps.size() == 2);
  const Texts cells = all_between(maps[0], "<g><rect ", "</g>");
  REQUIRE(cells.size() == 6);
  const auto number_of = [](const std::string& cell, const std::string& name) {
    return std::stod(cell.substr(cell.find(" " + name + "=") + name.size() + 2));
  };
  const Texts numbers = {"81.0", "52.0", "63.0", "34.0", "46.0", "57.0"};
  size_t i = 0;
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column <= row; ++column, ++i) {
      CAPTURE(cells[i]);
      CHECK(number_of(cells[i], "x") ==
            doctest::Approx(number_of(cells[0], "x") + column * number_of(cells[0], "width")).epsilon(.01));
      CHECK(number_of(cells[i], "y") ==
            doctest::Approx(number_of(cells[0], "y") + row * number_of(cells[0], "height")).epsilon(.01));
      CHECK(contains(cells[i], ">" + numbers[i] + "</text>"));
    }
}

TEST_CASE("a report's colours of forgetting: lost and gained have the two sides of the scale") {
  RunResult run = all_different();
  run.task_agnostic = AccuracyMatrix({{.5}, {.3, .6}, {.7, .6, .6}});  // .2 lost, then .2 gained
  const std::string html = section_of(report_html(run), "Forgetting");
  const Texts levels = all_between(html, "rect class=sign-", " ");
  REQUIRE(levels.size() == 6);
  const int lost = std::stoi(levels[0]), gained = std::stoi(levels[1]), even = std::stoi(levels[2]);
  CHECK(lost > even);
  CHECK(gained < even);
  CHECK(lost - even == even - gained);
}

TEST_CASE("a report's table of averages, row by row") {
  const std::string page = report_html(all_different());
  Texts rows;
  for (const std::string& row : rows_of(page.substr(page.find("average (%)"))))
    if (rows.size() < 12) rows.push_back(row.substr(0, row.find(" | ", row.find(" | ", row.find(" | ") + 3) + 3)));
  check_texts(
      rows,
      {"Average incremental accuracy | 59.74 | 87.26", "Average incremental accuracy without base | 49.12 | 84.88",
       "Average accuracy weighted by classes seen | 55.43 | 86.14", "Mean of row means | 61.39 | 88.94",
       "Mean over all entries | 55.50 | 87.83", "Final accuracy | 41.83 | 81.17",
       "Final accuracy on the base task | 34.00 | 71.00", "Average incremental top-5 accuracy | 91.37 | –",
       "Final top-5 accuracy | 83.50 | –", "Forgetting | 32.00 | 13.00",
       "Forgetting, mean over all entries | 31.00 | 11.00", "Forgetting, gains counted as zero | 31.00 | 11.00"});
}

TEST_CASE("a report's published numbers stand beside ours with the difference that ours has from them") {
  check_texts(rows_of(section_of(report_html(all_different()), "Beside the published number")),
              {"Final accuracy, task-agnostic | 40.00 ± 1.20 | 41.83 | +1.83 | Table 1, LwF",
               "Average incremental accuracy, task-aware | 90.00 | 87.26 | −2.74 | Table 2, LwF"});
}

TEST_CASE("a report's predictions and mistakes") {
  const std::string html = section_of(report_html(all_different()), "Predictions after the last task");
  std::map<std::string, Texts> figures = figures_of(html);
  check_texts(figures["Where the predictions go"],
              {"predictions, task 1: 15.00 %", "predictions, task 2: 53.33 %", "predictions, task 3: 31.67 %",
               "test images, task 1: 50.00 %", "test images, task 2: 33.33 %", "test images, task 3: 16.67 %"});
  check_texts(rows_of(html),
              {"class 1 | class 4 | 10 | 100.0", "class 2 | class 3 | 6 | 60.0", "class 4 | class 5 | 5 | 50.0",
               "class 2 | class 5 | 4 | 40.0", "class 3 | class 4 | 2 | 20.0", "class 0 | class 3 | 1 | 10.0"});
}

/// Two seeds of one run, where all accuracies of the second seed are lower by .02; and a run of another method.
std::vector<RunGroup> two_groups() {
  const auto lowered = [](const AccuracyMatrix& accuracy, double by) {
    Triangle rows = accuracy.rows();
    for (std::vector<double>& row : rows)
      for (double& a : row) a -= by;
    return AccuracyMatrix(rows);
  };
  RunResult second = all_different(), other = all_different();
  second.seed = 2;
  second.settings["seed"] = 2;
  other.method = "ewc";
  other.settings["method"]["name"] = "ewc";
  other.published.clear();
  for (AccuracyMatrix RunResult::*matrix : {&RunResult::task_agnostic, &RunResult::task_aware, &RunResult::top5}) {
    second.*matrix = lowered(second.*matrix, .02);
    other.*matrix = lowered(other.*matrix, .3);
  }
  return grouped({{"runs/one", all_different()}, {"runs/two", second}, {"runs/other", other}});
}

TEST_CASE("a comparison's rows: seeds with mean and deviation, each column its own number") {
  check_texts(
      rows_of(section_of(comparison_html(two_groups()), "Results")),
      {"lwf | 1, 2 | 58.74 ± 1.41 | 40.83 ± 1.41 | 40.00 ± 1.20 | 32.00 ± 0.00 | 86.26 ± 1.41 | 90.00 | 80.17 ± 1.41 | "
       "13.00 ± 0.00 | 3 of 3",
       "ewc | 1 | 29.74 | 11.83 |  | 32.00 | 57.26 |  | 51.17 | 13.00 | 3 of 3"});
  check_texts(rows_of(section_of(comparison_html(two_groups()), "Beside the published numbers")),
              {"lwf | Final accuracy, task-agnostic | 40.00 ± 1.20 | 40.83 ± 1.41 | +0.83 | Table 1, LwF",
               "lwf | Average incremental accuracy, task-aware | 90.00 | 86.26 ± 1.41 | −3.74 | Table 2, LwF"});
}

TEST_CASE("a comparison's curves: each chart its own matrix") {
  const std::string page = comparison_html(two_groups());
  std::map<std::string, Texts> figures = figures_of(section_of(page, "Accuracy"));
  figures.merge(figures_of(section_of(page, "Forgetting")));
  check_texts(figures["Accuracy over all classes seen so far, task-agnostic"],
              {"lwf: 80.00 ± 1.41 % after task 1 (3 classes)", "lwf: 55.40 ± 1.41 % after task 2 (5 classes)",
               "lwf: 40.83 ± 1.41 % after task 3 (6 classes)", "ewc: 51.00 % after task 1 (3 classes)",
               "ewc: 26.40 % after task 2 (5 classes)", "ewc: 11.83 % after task 3 (6 classes)"});
  check_texts(figures["Accuracy over all classes seen so far, task-aware"],
              {"lwf: 91.00 ± 1.41 % after task 1 (3 classes)", "lwf: 87.60 ± 1.41 % after task 2 (5 classes)",
               "lwf: 80.17 ± 1.41 % after task 3 (6 classes)", "ewc: 62.00 % after task 1 (3 classes)",
               "ewc: 58.60 % after task 2 (5 classes)", "ewc: 51.17 % after task 3 (6 classes)"});
  check_texts(figures["Mean forgetting of the earlier tasks, task-agnostic"],
              {"lwf: 29.00 ± 0.00 % after task 2 (5 classes)", "lwf: 32.00 ± 0.00 % after task 3 (6 classes)",
               "ewc: 29.00 % after task 2 (5 classes)", "ewc: 32.00 % after task 3 (6 classes)"});
  check_texts(figures["Mean forgetting of the earlier tasks, task-aware"],
              {"lwf: 7.00 ± 0.00 % after task 2 (5 classes)", "lwf: 13.00 ± 0.00 % after task 3 (6 classes)",
               "ewc: 7.00 % after task 2 (5 classes)", "ewc: 13.00 % after task 3 (6 classes)"});
}

TEST_CASE("the averages of several seeds, each key beside its own number") {
  RunResult second = all_different();
  second.seed = 2;
  const SeedRuns runs = {{1, summary(all_different())}, {2, summary(second)}};
  Texts lines;
  for (const SeedRow& row : seed_rows(runs, {}, false))
    lines.push_back(fmt::format("{} {:.2f} ± {:.2f}", row.key, 100 * row.mean, 100 * row.deviation));
  check_texts(lines, {"average_incremental_accuracy_task_agnostic 59.74 ± 0.00",
                      "final_accuracy_task_agnostic 41.83 ± 0.00", "final_mean_forgetting_task_agnostic 32.00 ± 0.00",
                      "average_incremental_accuracy_task_aware 87.26 ± 0.00", "final_accuracy_task_aware 81.17 ± 0.00",
                      "final_mean_forgetting_task_aware 13.00 ± 0.00"});
}

}  // namespace
}  // namespace mneme::test
