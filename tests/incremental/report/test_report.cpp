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

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <vector>

using namespace mneme;
using namespace mneme::test;
using doctest::Approx;

namespace {

/// Two classes per task, with the accuracies of the worked example in test_metrics.cpp.
RunResult small_run() {
  RunResult run;
  run.method = "lwf";
  run.data_set = "generated images";
  run.seed = 7;
  run.classes_per_task = {2, 2, 2};
  run.task_aware = AccuracyMatrix({{.80}, {.70, .90}, {.75, .85, .60}});
  run.task_agnostic = AccuracyMatrix({{.80}, {.40, .90}, {.20, .40, .90}});
  run.confusion = ConfusionMatrix(6);
  for (int c = 0; c < 6; ++c) run.confusion.add(c, c, 3);
  run.confusion.add(0, 5, 7);
  run.confusion.add(1, 4, 4);
  for (int task = 0; task < 3; ++task)
    for (int epoch = 1; epoch <= 2; ++epoch) run.epochs.push_back({task, epoch, "train", 2.0 / epoch, .5, .1, 1000});
  run.settings = {{"method", "lwf"}, {"optimiser", {{"lr", .1}}}, {"class_order", {4, 2, 0, 1, 3, 5}}};
  return run;
}

struct Chunk {
  std::string type, data;
};

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::vector<Chunk> chunks_of(const std::string& png) {
  REQUIRE(png.substr(0, 8) == std::string("\x89PNG\r\n\x1a\n", 8));
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t length = big_endian(png, at);
    const std::string body = png.substr(at + 4, length + 4);
    CHECK(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())) ==
          big_endian(png, at + 8 + length));
    chunks.push_back({body.substr(0, 4), body.substr(4)});
    at += length + 12;
  }
  return chunks;
}

double luminance(std::uint32_t rgb) {
  const auto linear = [](std::uint32_t channel) {
    const double c = (channel & 255) / 255.0;
    return c <= .04045 ? c / 12.92 : std::pow((c + .055) / 1.055, 2.4);
  };
  return .2126 * linear(rgb >> 16) + .7152 * linear(rgb >> 8) + .0722 * linear(rgb);
}

std::uint32_t css_colour(const std::string& variables, const std::string& name) {
  const std::size_t at = variables.find(name + ":#");
  REQUIRE(at != std::string::npos);
  return static_cast<std::uint32_t>(std::stoul(variables.substr(at + name.size() + 2, 6), nullptr, 16));
}

}  // namespace

TEST_CASE("markup: text cannot leave its element or attribute") {
  CHECK(escaped("<b a=\"x\" c='y'>&</b>") == "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;&lt;/b&gt;");
  CHECK(escaped(std::string("a\0b\x1b\nc", 6)) == "ab c");
  CHECK(escaped("Ä") == "Ä");
}

TEST_CASE("markup: percent rounds, marks the undefined, and knows no negative zero") {
  CHECK(percent(.7315) == "73.2");
  CHECK(percent(.7315, 2) == "73.15");
  CHECK(percent(-.031) == "−3.1");
  CHECK(percent(-.0001) == "0.0");
  CHECK(percent(std::nan("")) == "–");
}

TEST_CASE("markup: base64 gives the values of RFC 4648") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("an axis ends at round numbers and labels them without noise") {
  const Axis axis = round_axis(0, 3.7);
  CHECK(axis.low == 0);
  CHECK(axis.high == Approx(4));
  CHECK(axis.ticks().size() == 5);
  CHECK(round_axis(-.03, .46).text(.1) == "0.1");
  CHECK(round_axis(-.03, .46).low == Approx(-.1));
  CHECK(Axis{0, 1, .25}.place(.5, 100, 200) == Approx(150));
}

TEST_CASE("an axis of equal or undefined values still has a length") {
  for (double value : {0.0, 5.0, -3.0, 1e12}) CHECK(round_axis(value, value).high > round_axis(value, value).low);
  const Axis undefined = round_axis(std::nan(""), 1);
  CHECK(undefined.high > undefined.low);
  const Axis one = whole_number_axis(3, 3);
  CHECK(one.ticks() == std::vector{3.0});
}

TEST_CASE("a PNG holds its pixels, palette and checksums") {
  const std::vector<std::uint8_t> pixels = {0, 1, 2, 2, 1, 0};
  const std::vector<Rgb> palette = {{1, 2, 3}, {255, 0, 128}, {9, 8, 7}};
  const std::vector<Chunk> chunks = chunks_of(png_image(3, 2, pixels, palette));
  REQUIRE(chunks.size() == 4);
  CHECK(chunks[0].type == "IHDR");
  CHECK(big_endian(chunks[0].data, 0) == 3);
  CHECK(big_endian(chunks[0].data, 4) == 2);
  CHECK(chunks[0].data.substr(8) == std::string("\x08\x03\0\0\0", 5));
  CHECK(chunks[1].data == std::string("\x01\x02\x03\xff\x00\x80\x09\x08\x07", 9));
  std::string raw(8, 'x');
  uLongf size = raw.size();
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(raw.data()), &size, reinterpret_cast<const Bytef*>(chunks[2].data.data()),
                     static_cast<uLong>(chunks[2].data.size())) == Z_OK);
  CHECK(raw == std::string("\0\0\1\2\0\2\1\0", 8));
  CHECK(chunks[3].type == "IEND");
}

TEST_CASE("a PNG refuses pixels that do not fit") {
  const std::vector<std::uint8_t> pixels = {0, 1, 2};
  CHECK_THROWS_AS(png_image(2, 2, pixels, std::vector<Rgb>(3)), Error);
  CHECK_THROWS_AS(png_image(3, 1, pixels, std::vector<Rgb>(2)), Error);
}

TEST_CASE("numbers in heat map cells are readable on every colour in both themes") {
  for (Theme theme : {Theme::light, Theme::dark}) {
    const std::string variables = colour_variables(theme);
    for (const char* kind : {"--heat", "--sign"})
      for (int level = 0; level < heat_levels; ++level) {
        const double fill = luminance(css_colour(variables, fmt::format("{}-{}", kind, level)));
        const double ink = luminance(css_colour(variables, fmt::format("{}-ink-{}", kind, level)));
        CAPTURE(level);
        CHECK((std::max(fill, ink) + .05) / (std::min(fill, ink) + .05) > 4.5);
      }
  }
}

TEST_CASE("amounts grow steadily darker on a light page and lighter on a dark one") {
  for (int level = 1; level < heat_levels; ++level) {
    const auto light = colour_variables(Theme::light), dark = colour_variables(Theme::dark);
    const auto at = [&](const std::string& variables, int i) {
      return luminance(css_colour(variables, fmt::format("--heat-{}", i)));
    };
    CHECK(at(light, level) < at(light, level - 1));
    CHECK(at(dark, level) > at(dark, level - 1));
  }
}

TEST_CASE("a heat map prints every entry of the triangle once, with words for the mouse") {
  HeatMap map{.title = "Accuracy", .x_label = "x", .y_label = "y", .rows = {{.8}, {.7, .9}, {.75, .855, .6}}};
  map.hover = [](int row, int column) { return fmt::format("cell {} {}", row, column); };
  const std::string svg = draw(map);
  CHECK(occurrences(svg, "<rect") == 6);
  CHECK(contains(svg, ">85.5</text>"));
  CHECK(contains(svg, "<title>cell 2 1: 85.50 %</title>"));
}

TEST_CASE("a signed heat map is neutral at zero and saturates at its limit") {
  HeatMap map{.title = "f", .x_label = "", .y_label = "", .rows = {{0.0}, {.5, -.5}, {9, -9, 0}}};
  map.is_signed = true;
  map.limit = .5;
  const std::string svg = draw(map);
  CHECK(occurrences(svg, "class=sign-10 ") == 2);
  CHECK(occurrences(svg, "class=sign-20 ") == 2);
  CHECK(occurrences(svg, "class=sign-0 ") == 2);
}

TEST_CASE("a long curve is thinned but keeps its spike and its interruptions") {
  LineChart chart;
  chart.title = "loss";
  chart.x = {0, 10000, 1000};
  chart.y = {0, 10, 1};
  Curve& curve = chart.curves.emplace_back();
  for (int i = 0; i < 10000; ++i) curve.points.push_back({static_cast<double>(i), i == 4321 ? 10.0 : 1.0, ""});
  curve.points[7000].y = std::nan("");
  const std::string svg = draw(chart);
  const std::size_t begin = svg.find(" d=\"M") + 4;
  const std::string path = svg.substr(begin, svg.find('"', begin) - begin);
  CHECK(occurrences(path, "L") < 1300);
  CHECK(occurrences(path, "M") == 2);
  CHECK(occurrences(path, " 14L") == 1);  // 14: the upper edge of the drawing
}

TEST_CASE("values that are not finite leave no trace in a drawing") {
  RunResult run = small_run();
  run.epochs[1].loss = std::nan("");
  run.epochs[2].loss = std::numeric_limits<double>::infinity();
  run.epochs[3].validation_accuracy.reset();
  const std::string svg = loss_figure(run) + validation_figure(run) + forgetting_per_step_figure(run);
  CHECK_FALSE(contains(svg, "nan"));
  CHECK_FALSE(contains(svg, "inf"));
}

TEST_CASE("the last layer is drawn per task over time and per class at the end, and left out where it is unknown") {
  RunResult run = small_run();
  CHECK_FALSE(contains(report_html(run), "<h2>Last layer"));
  run.last_layer = {{{1, .1, 5}, {2, .2, 6}},
                    {{1, .1, 5}, {2, .2, 6}, {3, .3, -7}, {4, .4, -8}},
                    {{1.5, .1, 5}, {2, .2, 6}, {3, .3, -7}, {4, .4, -8}, {5, .5, 1}, {7, .7, 2}}};
  CHECK(contains(report_html(run), "<h2>Last layer"));
  const std::string over_time = head_levels_figure(run, weight_lengths);
  CHECK(contains(over_time, "task 0: 1.5 after task 0"));
  CHECK(contains(over_time, "task 0: 1.75 after task 2"));
  CHECK(contains(over_time, "task 1: 3.5 after task 1"));
  CHECK(contains(over_time, "task 2: 6 after task 2"));
  CHECK(occurrences(over_time, " after task ") == 6);
  CHECK(contains(head_levels_figure(run, mean_logits), "task 1: -7.5 after task 2"));
  CHECK(contains(head_levels_figure(run, biases), "task 2: 0.6 after task 2"));
  const std::string by_class = class_levels_figure(run, mean_logits);
  CHECK(contains(by_class, "task 1: -8 for class 3"));
  CHECK(contains(by_class, "task 2: 1 for class 4"));
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
                     .waited = .5};
  CHECK(as_json(record) == nlohmann::json{{"task", 1}, {"epoch", 2}, {"stage", "train"}, {"loss", 1.5}, {"lr", .1}});
  CHECK(timing_as_json(record) == nlohmann::json{{"task", 1},
                                                 {"epoch", 2},
                                                 {"stage", "train"},
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
  CHECK(contains(page, "<td>optimiser.lr</td><td>0.1</td>"));
  CHECK(contains(page, "<td>class_order</td><td>4, 2, 0, 1, 3, 5</td>"));
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
  run.published = {{"final_accuracy_task_agnostic", .5, {}, hostile}};
  const std::string page = report_html(run);
  CHECK_FALSE(contains(page, "<script"));
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
    CHECK(report_html(run).size() < 1000000);
  }
}
