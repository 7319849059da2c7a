#include "incremental/report/comparison.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"
#include "incremental/report/charts/line_chart.h"
#include "incremental/report/comparison_figures.h"
#include "tests/incremental/report/made_up_run.h"
#include "tests/incremental/report/page_checks.h"

namespace mneme::test {
namespace {

std::string page_of(std::vector<NamedRun> runs) { return comparison_html(grouped(std::move(runs))); }

RunResult learning_alpha(RunResult run) {
  for (EpochRecord& epoch : run.epochs) epoch.numbers["alpha"] = .5 + .1 * epoch.epoch;
  return run;
}

RunResult of_protocol(RunResult run, const char* protocol, int epochs) {
  run.protocol = run.settings["protocol"] = protocol;
  run.settings["training"]["epochs"] = epochs;
  return run;
}

TEST_CASE("a comparison needs nothing from outside and closes what it opens") {
  RunResult published = learning_alpha(made_up_run("il-baseline-meta"));
  published.published = {{"final_accuracy_task_agnostic", .45, {}, "Table 1"}};
  check_self_contained(page_of({{"a", made_up_run("lwf", 1)},
                                {"b", made_up_run("lwf", 2, .02)},
                                {"c", published},
                                {"d", of_protocol(made_up_unfinished("ewc"), "bbbbbbbbbbbb", 9)}}));
  CHECK_THROWS_AS(comparison_html({}), Error);
}

TEST_CASE("seeds of the same settings are one row and one curve, with mean and deviation") {
  const std::string page =
      page_of({{"a", made_up_run("lwf", 1)}, {"b", made_up_run("lwf", 2, .02)}, {"c", made_up_run("ewc", 1, .05)}});
  CHECK(contains(page, "<h1>lwf, ewc on CIFAR-6</h1>"));
  CHECK(contains(page, "<li>runs <b>3</b></li>"));
  CHECK(contains(page, "<tr><td>lwf</td><td class=n>1, 2</td><td class=n>66.00 ± 1.41</td>"));  // mean of 65 and 67
  CHECK(contains(page, "<tr><td>ewc</td><td class=n>1</td><td class=n><b>70.00</b></td>"));
  CHECK(contains(page, "mean ± sample standard deviation (n - 1) over 1 to 2 seeds; the best of each column is bold"));
  CHECK(contains(page, "lwf: 51.00 ± 1.41 % after task 3 (6 classes)"));
  CHECK(contains(page, "ewc: 55.00 % after task 3 (6 classes)"));
  CHECK(contains(page, "whiskers: their sample deviation (n − 1)"));
  CHECK(contains(page, "<li>protocol <b>aaaaaaaaaaaa</b></li><li>data <b>dddddddddddd</b></li>"));
  CHECK_FALSE(contains(page, "class=remarks"));
  CHECK(contains(page, "<td>method/name</td><td>&quot;ewc&quot;</td><td>ewc</td>"));
}

TEST_CASE("the value at the end of a curve has the minus sign of the axis") {
  LineChart chart;
  chart.x = {0, 1, 1};
  chart.y = {-10, 0, 5};
  chart.end_values = true;
  chart.curves = {{"c", "red", {{0, -1, ""}, {1, -4.5, ""}}}, {"d", "red", {{0, -1, ""}, {1, -.01, ""}}}};
  for (const char* part : {">−4.5</text>", ">0.0</text>", ">−10</text>"}) CHECK(contains(drawing_of(chart), part));
}

TEST_CASE("whiskers reach as far as the deviation, and no further than the axis") {
  LineChart chart;
  chart.x = {0, 2, 1};
  chart.y = {0, 100, 50};
  chart.curves = {{"c", "red", {{0, 50, "", 10}, {1, 95, "", 10}, {2, 50, "", 0}}}};
  const std::string drawn = drawing_of(chart);
  CHECK(occurrences(drawn, "class=whisker") == 2);
  CHECK(contains(drawn, "M62 176V122"));  // 270 pixels for 100 percent
  CHECK(contains(drawn, "V14\""));        // the upper edge of the plotting area
}

TEST_CASE("values at the ends of curves that meet at the bottom are stacked above it") {
  LineChart chart;
  chart.x = {0, 1, 1};
  chart.y = {0, 100, 50};
  chart.end_values = true;
  for (const double y : {0., .1, .2}) chart.curves.push_back({"c", "red", {{0, 50, ""}, {1, y, ""}}});
  const std::string drawn = drawing_of(chart);
  for (const char* label :
       {"y=288 style=\"fill:red\">0.0<", "y=273 style=\"fill:red\">0.1<", "y=258 style=\"fill:red\">0.2<"})
    CHECK_MESSAGE(contains(drawn, label), label);
}

TEST_CASE("different protocols are shown apart, and the page says so before anything else") {
  const std::string page =
      page_of({{"a", made_up_run("lwf")}, {"b", of_protocol(made_up_run("ewc"), "bbbbbbbbbbbb", 9)}});
  const size_t warning = page.find("These runs differ in protocol");
  REQUIRE(warning != std::string::npos);
  CHECK(warning < page.find("<h2>"));
  CHECK(contains(page, "<li>aaaaaaaaaaaa: lwf</li>"));
  CHECK(contains(page, "<li>bbbbbbbbbbbb: ewc; unlike the first, training/epochs 9 in place of 2</li>"));
  CHECK(contains(page,
                 "CIFAR-6, 3 tasks, training/epochs 9 <span class=soft>(protocol bbbbbbbbbbbb, data dddddddddddd)"));
  CHECK_FALSE(contains(page, "<b>65.00</b>"));  // the only run of its setting is not set in bold
  CHECK_FALSE(contains(page, "<li>protocol <b>"));
  CHECK(contains(page_of({{"a", of_protocol(made_up_run("lwf"), "", 2)}}), "No run tells its protocol"));
  CHECK_FALSE(contains(page, "differ in data"));
}

TEST_CASE("published numbers stand beside ours, with a difference only where it means something") {
  RunResult run = made_up_run("lwf");
  run.published = {{"final_accuracy_task_agnostic", .45, .01, "Table 1"}};
  CHECK(contains(page_of({{"a", run}}), "45.00 ± 1.00</td><td class=n>50.00</td><td class=n>+5.00</td>"));
  run.departures = {"training/epochs is 2 instead of 250", "images are generated"};
  const std::string departing = page_of({{"a", run}, {"b", made_up_run("ewc")}});
  CHECK(contains(departing, "+5.00, not comparable</td>"));
  CHECK(contains(departing,
                 "<b>Not as published (lwf):</b> training/epochs is 2 instead of 250; images are generated</p>"));
  RunResult unfinished = made_up_unfinished("lwf");
  unfinished.published = run.published;
  const std::string page = page_of({{"a", unfinished}});
  CHECK(contains(page, "run unfinished</td>"));
  CHECK(contains(page, "<b>Unfinished (all runs):</b> 2 of 3 tasks done"));
  CHECK_FALSE(contains(page_of({{"a", made_up_run("lwf")}}), "Beside the published"));
}

TEST_CASE("learned weights are drawn for the runs that learn them") {
  CHECK_FALSE(contains(page_of({{"a", made_up_run("lwf")}}), "Learned weight"));
  const std::vector<RunGroup> groups = grouped({{"a", made_up_run("lwf")},
                                                {"b", learning_alpha(made_up_run("meta", 1))},
                                                {"c", learning_alpha(made_up_run("meta", 2))}});
  const std::string drawn = alpha_figure(groups);
  CHECK(occurrences(drawn, "<g style=") == 2);
  CHECK(contains(drawn, "meta, seed 2: 0.7 (task 3, train epoch 2, learning rate 0.1)"));
}

TEST_CASE("predictions' shares are means over the seeds, beside the images'") {
  const std::string drawn =
      prediction_share_figures(grouped({{"a", made_up_run("lwf", 1)}, {"b", made_up_run("lwf", 2)}}));
  CHECK(contains(drawn, "lwf, task 1: 20.00 %"));  // 12 of 60
  CHECK(contains(drawn, "lwf, task 3: 60.00 %"));  // class 4: 6; class 5: 6, and 4 of each of six classes
  CHECK(contains(drawn, "test images, task 2: 33.33 %"));
}

TEST_CASE("many groups are spread over several pictures, few confusion matrices are shown") {
  std::vector<NamedRun> runs;
  for (int i = 0; i < 14; ++i) runs.push_back({"f", made_up_run("method" + std::to_string(i))});
  const std::vector<RunGroup> groups = grouped(runs);
  CHECK(occurrences(figures(accuracy_charts(groups)), "<figure>") == 4);
  CHECK(contains(figures(accuracy_charts(groups)), "task-aware (13 to 14 of 14)"));
  CHECK(occurrences(prediction_share_figures(groups), "<figure>") == 3);
  CHECK(occurrences(confusion_figures(groups), "<figure>") == 6);
  CHECK(contains(comparison_html(groups), "The first 6 of 14 are shown."));
  CHECK(contains(comparison_html(groups), "<h1>14 methods on CIFAR-6</h1>"));
}

TEST_CASE("confusion matrices side by side share their colour scale") {
  RunResult busy = made_up_run("ewc");
  busy.confusion.add(0, 0, 994);
  const std::string drawn = confusion_figures(grouped({{"a", made_up_run("lwf")}, {"b", busy}}));
  CHECK(occurrences(drawn, ">1000</text>") == 3);  // on both scales, and in the cell
}

TEST_CASE("a method's confusion is that of all its seeds, and the scale ends at the same count per seed") {
  const std::string drawn = confusion_figures(
      grouped({{"a", made_up_run("lwf", 1)}, {"b", made_up_run("lwf", 2)}, {"c", made_up_run("ewc", 1)}}));
  CHECK(contains(drawn, "<b>lwf, 2 seeds added.</b>"));
  CHECK(contains(drawn, "<b>ewc.</b>"));
  CHECK(contains(drawn, ": 16 (40.0 %)"));  // of the first task's images for the last: 4 of each of 2 classes, 2 seeds
  CHECK(contains(drawn, ": 8 (40.0 %)"));
  CHECK(contains(drawn, ">20</text>"));  // the largest count of both seeds
  CHECK(contains(drawn, ">10</text>"));
}

TEST_CASE("the cells of a comparison's confusion matrices are named as in the runs' own pages") {
  RunResult run = made_up_run("lwf");
  run.class_names = {"cat", "dog", "eel", "fox", "gnu", "hen"};
  CHECK(occurrences(confusion_figures(grouped({{"a", run}})), ">gnu</text>") == 2);
}

TEST_CASE("differences of two methods are one table, of many methods a table per measure") {
  std::vector<NamedRun> runs;
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const auto& [method, shift] : {std::pair{"ft", .0}, std::pair{"lwf", .01}, std::pair{"ewc", .002}})
      runs.push_back({method, made_up_run(method, seed, shift * static_cast<double>(seed))});
  const std::string many = page_of(runs);
  check_self_contained(many);
  CHECK(occurrences(many, "<details open>") >= 4);
  CHECK(contains(many, "<th class=n>Holm</th>"));
  CHECK(contains(many,
                 "<td>lwf − ft</td><td class=n>+2.00</td><td class=n>−0.48 to +4.48</td><td class=n>3.46</td>"
                 "<td class=n>0.074</td><td class=n>0.223</td><td class=n>0.250</td>"));
  std::erase_if(runs, [](const NamedRun& each) { return each.name == "ewc"; });
  const std::string two = page_of(runs);
  CHECK_FALSE(contains(two, "<details"));
  CHECK_FALSE(contains(two, "Holm"));
  CHECK(contains(two, "<td>Final accuracy, task-agnostic</td><td>lwf − ft</td>"));
  std::erase_if(runs, [](const NamedRun& each) { return each.run.seed > 1; });
  CHECK_FALSE(contains(page_of(runs), "<h2>Differences</h2>"));
}

TEST_CASE("accuracies are drawn as far as they reach, or from 0 to 100") {
  const std::vector<RunGroup> groups = grouped({{"a", made_up_run("lwf", 1)}, {"b", made_up_run("lwf", 2, .02)}});
  const LineChart fitted = accuracy_charts(groups)[0], full = accuracy_charts(groups, true)[0];
  CHECK(fitted.y.low >= 40);  // the lowest mean is 51, less a deviation of 1.4
  CHECK(fitted.y.high < 95);
  CHECK(full.y.low == 0);
  CHECK(full.y.high == 100);
  CHECK(fitted.x.low < 2);  // whiskers at the first task lie inside
  CHECK(fitted.x.high > 6);
  CHECK(accuracy_charts(groups, false, Predictions::aware).size() == 1);
}

TEST_CASE("hostile names stay text in a comparison") {
  const std::string hostile = "</title></svg><script>alert('x')</script>\"><img onerror=y>";
  RunResult run = made_up_unfinished(hostile);
  run.data_set = run.protocol = run.data_id = hostile;
  run.departures = run.remarks = {hostile};
  run.settings[hostile] = hostile;
  run.published = {{"final_accuracy_task_agnostic", .5, {}, hostile}};
  const std::string page = page_of({{hostile, run}, {hostile, run}, {"b", made_up_run("lwf")}});
  CHECK_FALSE(contains(page, "<script>alert"));
  CHECK_FALSE(contains(page, "<img"));
  CHECK(contains(page, "&lt;script&gt;"));
}

}  // namespace
}  // namespace mneme::test
