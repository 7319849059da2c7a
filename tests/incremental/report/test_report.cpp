#include "incremental/report/report.h"

#include "engine/base/error.h"
#include "incremental/report/charts/axis.h"
#include "incremental/report/charts/colours.h"
#include "incremental/report/charts/heat_map.h"
#include "incremental/report/charts/line_chart.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/png.h"
#include "incremental/report/confusion_figure.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/run_figures.h"
#include "tests/incremental/report/page_checks.h"
#include "tests/incremental/report/small_run.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <regex>
#include <set>
#include <string>
#include <vector>

using namespace mneme;
using namespace mneme::test;
using doctest::Approx;

TEST_CASE("the last layer is drawn per task over time and per class at the end, and left out where it is unknown") {
  RunResult run = small_run();
  CHECK_FALSE(contains(report_html(run), "<h2>Last layer"));
  run.last_layer = {{{1, .1, 5}, {2, .2, 6}},
                    {{1, .1, 5}, {2, .2, 6}, {3, .3, -7}, {4, .4, -8}},
                    {{1.5, .1, 5}, {2, .2, 6}, {3, .3, -7}, {4, .4, -8}, {5, .5, 1}, {7, .7, 2}}};
  CHECK(contains(report_html(run), "<h2>Last layer"));
  const std::string over_time = head_levels_figure(run, weight_lengths);
  CHECK(contains(over_time, "task 1: 1.5 after task 1"));
  CHECK(contains(over_time, "task 1: 1.75 after task 3"));
  CHECK(contains(over_time, "task 2: 3.5 after task 2"));
  CHECK(contains(over_time, "task 3: 6 after task 3"));
  CHECK(occurrences(over_time, " after task ") == 6);
  CHECK(contains(head_levels_figure(run, mean_logits), "task 2: -7.5 after task 3"));
  CHECK(contains(head_levels_figure(run, biases), "task 3: 0.6 after task 3"));
  const std::string by_class = class_levels_figure(run, mean_logits);
  CHECK(contains(by_class, "task 2: -8 for class 3"));
  CHECK(contains(by_class, "task 3: 1 for class 4"));
  CHECK(occurrences(by_class, " for class ") == 6);
}

TEST_CASE("the most frequent mistakes come largest first") {
  const std::vector<Mistake> mistakes = most_frequent_mistakes(small_run().confusion, 5);
  REQUIRE(mistakes.size() == 2);
  CHECK(mistakes[0].truth == 0);
  CHECK(mistakes[0].predicted == 5);
  CHECK(mistakes[0].count == 7);
  CHECK(mistakes[1].count == 4);
  CHECK(most_frequent_mistakes(small_run().confusion, 1).size() == 1);
}

TEST_CASE("top-5 accuracy has its averages of task-agnostic answers, which older runs lack") {
  RunResult run = small_run();
  CHECK(nlohmann::json::parse(summary(run).dump())["average_incremental_top5_accuracy_task_agnostic"].is_null());
  run.top5 = AccuracyMatrix({{1}, {.8, 1}, {.7, .9, 1}});
  const nlohmann::json json = summary(run);
  CHECK(json["top5_accuracy_task_agnostic"] == nlohmann::json{{1}, {.8, 1}, {.7, .9, 1}});
  CHECK(json["top5_accuracy_per_step_task_agnostic"][1].get<double>() == Approx(.9));
  CHECK(json["average_incremental_top5_accuracy_task_agnostic"].get<double>() == Approx((1 + .9 + 2.6 / 3) / 3));
  CHECK(json["final_top5_accuracy_task_agnostic"].get<double>() == Approx(2.6 / 3));
  CHECK_FALSE(json.contains("final_top5_accuracy_task_aware"));
  CHECK_THROWS_AS((void)find_number(key_numbers(run), "final_top5_accuracy_task_aware"), Error);
  CHECK(contains(report_html(run), "Average incremental top-5 accuracy"));
}

TEST_CASE("a summary holds matrices as nested arrays and every average under its own name") {
  const nlohmann::json json = summary(small_run());
  CHECK(json["method"] == "lwf");
  CHECK(json["seed"] == 7);
  CHECK(json["accuracy_task_aware"] == nlohmann::json{{.80}, {.70, .90}, {.75, .85, .60}});
  REQUIRE(json["forgetting_task_aware"].size() == 3);
  CHECK(json["forgetting_task_aware"][0].empty());
  CHECK(json["forgetting_task_aware"][2][1].get<double>() == Approx(.05));
  CHECK(json["forgetting_task_agnostic"][2][0].get<double>() == Approx(.60));

  // The task-agnostic Acc_t are .80, .65 and .50.
  CHECK(json["average_incremental_accuracy"].get<double>() == Approx(.65));
  CHECK(json["final_accuracy"].get<double>() == Approx(.50));
  CHECK(json["average_incremental_accuracy_without_base_task_agnostic"].get<double>() == Approx(.575));
  CHECK(json["average_accuracy_weighted_by_classes_seen_task_agnostic"].get<double>() ==
        Approx((2 * .80 + 4 * .65 + 6 * .50) / 12));
  CHECK(json["final_base_accuracy_task_agnostic"].get<double>() == Approx(.20));
  CHECK(json["final_mean_forgetting_task_agnostic"].get<double>() == Approx(.55));
  CHECK(json["mean_over_all_entries_task_aware"].get<double>() == Approx(4.60 / 6));
  CHECK(json["mean_forgetting_over_all_entries_task_aware"].get<double>() == Approx(.20 / 3));
}

TEST_CASE("a result carries the ids it may be compared by, in summary and report, and how far it repeats") {
  RunResult run = small_run();
  run.protocol = "0123456789ab";
  run.data_id = "ba9876543210";
  run.guarantee = "The same <bits> again.";
  CHECK(summary(run)["protocol"] == "0123456789ab");
  CHECK(summary(run)["data_id"] == "ba9876543210");
  const std::string page = report_html(run);
  for (const char* part : {"protocol <b>0123456789ab</b>", "data <b>ba9876543210</b>", "The same &lt;bits&gt; again."})
    CHECK_MESSAGE(page.find(part) != std::string::npos, part);
  CHECK(report_html(small_run()).find("Repeating and comparing") == std::string::npos);
}

TEST_CASE("a summary weighs tasks by test images when these are known") {
  RunResult run = small_run();
  run.test_images_per_task = {100, 300, 100};
  CHECK(summary(run)["final_accuracy"].get<double>() == Approx((.20 + 3 * .40 + .90) / 5));
}

TEST_CASE("a summary of one task has no forgetting: null, not zero") {
  RunResult run = small_run();
  run.task_aware = run.task_agnostic = AccuracyMatrix(Triangle{{.80}});
  const nlohmann::json json = nlohmann::json::parse(summary(run).dump());
  CHECK(json["final_mean_forgetting_task_aware"].is_null());
  CHECK(json["average_incremental_accuracy"] == .80);
  CHECK(json["tasks_done"] == 1);
  CHECK(json["tasks_planned"] == 3);
}

TEST_CASE("an epoch becomes one flat record, without a validation accuracy that was not measured") {
  EpochRecord record{.task = 1,
                     .epoch = 2,
                     .stage = "train",
                     .loss = 1.5,
                     .validation_accuracy = {},
                     .lr = .1,
                     .seconds = 2,
                     .images = 900,
                     .ended = 1000,
                     .waited = .5};
  CHECK(as_json(record) == nlohmann::json{{"task", 2}, {"epoch", 2}, {"stage", "train"}, {"loss", 1.5}, {"lr", .1}});
  CHECK(timing_as_json(record) == nlohmann::json{{"task", 2},
                                                 {"epoch", 2},
                                                 {"stage", "train"},
                                                 {"ended", 1000.0},
                                                 {"seconds", 2.0},
                                                 {"images_per_second", 450.0},
                                                 {"waiting_for_images", 0.25}});
  record.validation_accuracy = .5;
  CHECK(as_json(record)["validation_accuracy"] == .5);
}

TEST_CASE("a report needs nothing from outside and closes what it opens") {
  check_self_contained(report_html(small_run()));
}

TEST_CASE("a report shows method, data, seed, key numbers and settings") {
  const std::string page = report_html(small_run());
  CHECK(contains(page, "<h1>lwf on generated images</h1>"));
  RunResult composed = small_run();
  composed.settings["method"] = {{"sampler", "ratio"}};
  CHECK(contains(report_html(composed), "<h1>lwf (sampler ratio) on generated images</h1>"));
  CHECK(contains(page, "<b>3</b> tasks: 3 × 2 classes"));
  CHECK(contains(page, "seed <b>7</b>"));
  CHECK(contains(page, "65.0<small>%</small>"));
  CHECK(contains(page, "<dt>optimiser.lr</dt><dd>0.1</dd>"));
  CHECK(contains(page, "<dt>class_order</dt><dd>4, 2, 0, 1, 3, 5</dd>"));
  CHECK(contains(page, "class 0</td><td>class 5</td><td class=n>7</td><td class=n>70.0</td>"));
  CHECK_FALSE(contains(page, "Unfinished"));
}

TEST_CASE("hostile names stay text") {
  RunResult run = small_run();
  const std::string hostile = "</title></svg><script>alert('x')</script>\"><img onerror=y>";
  run.method = run.data_set = run.description = hostile;
  run.class_names.assign(6, hostile);
  run.remarks = {hostile};
  run.epochs[0].stage = hostile;
  run.settings = {{hostile, hostile}, {"list", {hostile}}, {"bytes", "\xff\xfe"}};
  run.published = {{"final_accuracy_task_agnostic", .5, {}, hostile, hostile}};
  const std::string page = report_html(run);
  CHECK_FALSE(contains(page, "<script>alert"));
  CHECK(occurrences(page, "<script") == 1);  // the page's own
  CHECK_FALSE(contains(page, "<img"));
  CHECK(contains(page, "&lt;script&gt;"));
}

TEST_CASE("an unfinished run is reported as such, without a difference to the published number") {
  RunResult run = small_run();
  run.classes_per_task = {2, 2, 2, 2};
  run.published = {{"final_accuracy_task_agnostic", .45, .01, "A Paper, Table 1"}};
  const std::string page = report_html(run);
  CHECK(contains(page, "<b>Unfinished run:</b> 3 of 4 tasks done"));
  CHECK(contains(page, "run unfinished</td>"));
  run.classes_per_task.pop_back();
  CHECK(contains(report_html(run), "45.00 ± 1.00</td><td class=n>50.00</td><td class=n>+5.00</td>"));
  run.published[0].note = "not comparable: other images";
  run.published[0].comparable = false;
  CHECK(contains(report_html(run), "+5.00, not comparable</td>"));
  CHECK(contains(report_html(run), "A Paper, Table 1 (not comparable: other images)</td>"));
}

TEST_CASE("a run of a single task, without epochs or confusion, still makes a page") {
  RunResult run = small_run();
  run.task_aware = run.task_agnostic = AccuracyMatrix(Triangle{{.80}});
  run.classes_per_task = {2};
  run.confusion = ConfusionMatrix();
  run.epochs.clear();
  const std::string page = report_html(run);
  CHECK(contains(page, "80.0<small>%</small>"));
  CHECK_FALSE(contains(page, "<h2>Forgetting"));
  CHECK_FALSE(contains(page, "<h2>Training"));
}

TEST_CASE("a report refuses what does not fit together") {
  RunResult nothing = small_run();
  nothing.task_aware = nothing.task_agnostic = AccuracyMatrix();
  CHECK_THROWS_AS(report_html(nothing), Error);
  RunResult uneven = small_run();
  uneven.task_aware = AccuracyMatrix(Triangle{{.80}});
  CHECK_THROWS_AS(report_html(uneven), Error);
  RunResult too_long = small_run();
  too_long.classes_per_task = {2, 2};
  CHECK_THROWS_AS(report_html(too_long), Error);
  RunResult unknown = small_run();
  unknown.published = {{"accuracy", .5, {}, "?"}};
  CHECK_THROWS_AS(report_html(unknown), Error);
  RunResult other_classes = small_run();
  other_classes.confusion = ConfusionMatrix(5);
  other_classes.confusion.add(0, 0);
  CHECK_THROWS_AS(report_html(other_classes), Error);
}

TEST_CASE("reports stay below a megabyte for 100 classes, and for 100 tasks") {
  for (const int tasks : {10, 20, 100}) {
    RunResult run;
    run.method = "lwf";
    run.data_set = "CIFAR-100";
    run.classes_per_task.assign(static_cast<std::size_t>(tasks), 100 / tasks);
    for (int t = 0; t < tasks; ++t) {
      std::vector<double> row;
      for (int u = 0; u <= t; ++u) row.push_back(.5 + .4 * std::sin(7.0 * t + 3.0 * u));
      run.task_aware.add_row(row);
      run.task_agnostic.add_row(row);
      for (int epoch = 1; epoch <= 200; ++epoch)
        run.epochs.push_back({t, epoch, "train", 1 + std::sin(epoch), .5, .1, 5000});
    }
    run.confusion = ConfusionMatrix(100);
    for (int i = 0; i < 10000; ++i) run.confusion.add(i / 100, (i * i + i / 7) % 100);
    for (int t = 1; t <= tasks; ++t)
      run.last_layer.emplace_back(static_cast<std::size_t>(t * 100 / tasks),
                                  ClassOutput{1.0 / t, .123456 * t, -t / 7.0});
    CHECK(report_html(run).size() < 1100000);
  }
}

TEST_CASE("a page begins with what the run is, and links to its sections") {
  RunResult run = small_run();
  run.settings["network"] = {{"name", "resnet32"}};
  run.settings["training"] = {{"epochs", 30}, {"batch_size", 128}, {"schedule", {{"lr", 0.05}, {"kind", "cosine"}}}};
  run.settings["memory"] = {{"kind", "per class"}, {"images", 20}};
  run.provenance = {
      {"started", "2026-12-01T09:15:00Z"}, {"seconds", 3725.4}, {"host", "a<b"}, {"command", "cifar100 --out 'x y'"}};
  const std::string page = report_html(run);
  for (const char* part : {"network <b>resnet32</b>", "epochs per task <b>30</b>", "batch <b>128</b>",
                           "learning rate <b>0.05</b>", "schedule <b>cosine</b>", "memory <b>20 images per class</b>",
                           "<div class=made>Begun 2026-12-01 09:15 UTC, took 1 h 02 min on a&lt;b<br><code>cifar100 "
                           "--out &#39;x y&#39;</code></div>\n",
                           "<a href=\"#all-averages\">All averages</a>", "<section id=all-averages>"})
    CHECK_MESSAGE(contains(page, part), part);
  CHECK(occurrences(page, "<nav class=contents>") == 1);
}

TEST_CASE(
    "terms of the loss, the method's numbers, the gradient and the validation loss are drawn where they are known") {
  RunResult run = small_run();
  CHECK(terms_figure(run).empty());
  CHECK(number_figures(run).empty());
  CHECK(gradient_figure(run).empty());
  CHECK(validation_loss_figure(run).empty());
  for (EpochRecord& epoch : run.epochs) {
    epoch.terms = {{"cross-entropy", .75}, {"K<D", .25}};
    epoch.numbers = {{"rho", .5}, {"lambda_t of LF", 3}};
    epoch.gradient_norm = 1.25;
    epoch.validation_loss = 2.5;
  }
  CHECK(contains(terms_figure(run), "cross-entropy: 0.75 (task 1, train epoch 1"));
  CHECK(contains(terms_figure(run), "K&lt;D: 0.25 (task 3, train epoch 2"));
  CHECK(occurrences(number_figures(run), "<figure>") == 2);
  CHECK(contains(number_figures(run), "lambda_t of LF: 3 (task 1"));
  CHECK(contains(report_html(run), "Norm of the gradient: 1.25 (task 1"));
  CHECK(contains(report_html(run), "Validation loss: 2.5 (task 1"));
  check_self_contained(report_html(run));
}

TEST_CASE("old and new classes, both rules and every class are drawn, and each task's classes are named") {
  RunResult run = small_run();
  run.class_names = {"a", "b & c", "d", "e", "f", "g"};
  CHECK(contains(old_and_new_figure(run), "old classes: 40.00 % after task 2 (4 classes)"));
  CHECK(contains(old_and_new_figure(run), "new classes: 90.00 % after task 3 (6 classes)"));
  CHECK(rule_figure(run).empty());
  run.network = run.nearest_mean = {run.task_aware, run.task_agnostic};
  CHECK(contains(rule_figure(run), "nearest mean: 65.00 % after task 2 (4 classes)"));
  CHECK(contains(class_accuracy_figure(run), " % for b &amp; c"));
  const std::string page = report_html(run);
  CHECK(contains(page, "<td class=key>1</td><td>a, b &amp; c</td>"));
  CHECK(contains(page, "<td class=key>3</td><td>f, g</td>"));
  check_self_contained(page);
}

TEST_CASE("a small confusion matrix has names and counts, a large one neither") {
  ConfusionMatrix small(4);
  small.add(0, 0, 12);
  small.add(3, 1, 7);
  const std::vector<std::string> names = {"cat", "a very long name", "dog", "<eel>"};
  const std::string drawn = confusion_figure(small, std::vector{2, 2}, {.title = "t", .class_names = names});
  for (const char* part : {">cat</text>", ">a very long name</text>", ">&lt;eel&gt;</text>", ">12</text>", ">7</text>"})
    CHECK_MESSAGE(contains(drawn, part), part);
  // Neither the rows' names nor the slanted ones below reach the names of the axes.
  const auto found = [&](const char* what) {
    std::smatch match;
    REQUIRE(std::regex_search(drawn, match, std::regex(what)));
    return std::stod(match[1]);
  };
  const double name = 16 * .58 * 11;  // the longest name: letters, width of a letter, font
  CHECK(found("<image [^>]*x=([0-9.]+)") > name + 5 + 20);
  CHECK(found("y=([0-9.]+) text-anchor=middle>predicted") >
        found(R"(translate\([0-9.]+ ([0-9.]+)\) rotate)") + .64 * name + 11);
  CHECK_FALSE(contains(confusion_figure(small, std::vector{2, 2}, {.title = "t"}), "rotate(-40)"));
  ConfusionMatrix large(30);
  large.add(0, 0, 12);
  large.add(29, 29, 4711);
  CHECK_FALSE(
      contains(confusion_figure(large, std::vector{15, 15}, {.title = "t", .class_names = names}), ">cat</text>"));
}
