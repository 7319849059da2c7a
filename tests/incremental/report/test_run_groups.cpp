#include "incremental/report/results/run_groups.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"
#include "tests/incremental/report/made_up_run.h"
#include "tests/incremental/report/page_checks.h"

namespace mneme::test {
namespace {

using Runs = std::vector<NamedRun>;

RunResult with_setting(RunResult run, const char* path, const nlohmann::json& value) {
  run.settings[nlohmann::json::json_pointer(path)] = value;
  return run;
}

std::vector<std::string> labels_of(Runs runs) {
  std::vector<std::string> labels;
  for (const RunGroup& group : grouped(std::move(runs))) labels.push_back(group.label);
  return labels;
}

using Labels = std::vector<std::string>;

TEST_CASE("runs that differ in their seed alone are one group, in the order of seeds") {
  RunResult elsewhere = with_setting(made_up_run("lwf", 1), "/device", "cuda");
  // As with --order shuffled: the order follows from the seed, and the protocol is the same.
  elsewhere.settings["class_order"] = {0, 1, 2, 3, 4, 5};
  const std::vector<RunGroup> groups =
      grouped({{"c", made_up_run("lwf", 3)}, {"e", made_up_run("ewc", 3)}, {"a", elsewhere}});
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].label == "lwf");
  REQUIRE(groups[0].runs.size() == 2);
  CHECK(groups[0].runs[0].name == "a");
  CHECK(groups[0].runs[1].name == "c");
  CHECK(groups[1].label == "ewc");
}

TEST_CASE("other settings, other protocols and fewer tasks done are other groups") {
  RunResult protocol = made_up_run("lwf", 5);
  protocol.protocol = protocol.settings["protocol"] = "bbbbbbbbbbbb";
  const Runs runs = {{"a", made_up_run("lwf", 1)},
                     {"b", with_setting(made_up_run("lwf", 2), "/method/alpha", .5)},
                     {"c", made_up_unfinished("lwf")},
                     {"d", protocol}};
  CHECK(grouped(runs).size() == 4);
}

TEST_CASE("labels: method and slots, then preset, then settings, then folder") {
  CHECK(labels_of({{"a", with_setting(made_up_run("lucir"), "/method/sampler", "ratio")},
                   {"b", made_up_run("lucir")}}) == Labels{"lucir (sampler ratio)", "lucir"});
  const RunResult half = with_setting(made_up_run("lwf"), "/method/alpha", .5);
  CHECK(labels_of({{"a", made_up_run("lwf")}, {"b", half}}) == Labels{"lwf, alpha 1.0", "lwf, alpha 0.5"});
  CHECK(labels_of({{"a", with_setting(made_up_run("lwf"), "/preset", "row-1")},
                   {"b", with_setting(half, "/preset", "row-2")}}) == Labels{"row-1", "row-2"});
  CHECK(labels_of({{"runs/a", made_up_run("lwf")}, {"runs/b", made_up_run("lwf")}}) ==
        Labels{"lwf (runs/a)", "lwf (runs/b)"});
}

TEST_CASE("a spread is mean and sample deviation over a group's runs; one run has no deviation") {
  const auto groups =
      grouped({{"a", made_up_run("lwf", 1)}, {"b", made_up_run("lwf", 2, .02)}, {"c", made_up_run("ewc")}});
  const Spread lwf = spread_of(groups[0], "final_accuracy_task_agnostic");
  CHECK(lwf.mean == doctest::Approx(.51));  // mean of .50 and .52
  CHECK(lwf.deviation == doctest::Approx(.02 / std::sqrt(2)));
  CHECK(std::isnan(spread_of(groups[1], "final_accuracy_task_agnostic").deviation));
}

TEST_CASE("runs of different protocols or data are refused by name, with what differs") {
  const auto refusal = [](const RunResult& other) {
    try {
      check_comparable(Runs{{"a", made_up_run("lwf")}, {"b", made_up_run("ewc")}, {"c", other}});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  CHECK(refusal(made_up_run("mas", 9)) == "none");
  RunResult longer = with_setting(made_up_run("lwf"), "/training/epochs", 9);
  longer = with_setting(longer, "/network/classifier", "cosine");  // a setting of the method, not of the protocol
  longer.protocol = "bbbbbbbbbbbb";
  CHECK(
      contains(refusal(longer), "a and c differ in protocol (aaaaaaaaaaaa and bbbbbbbbbbbb: training/epochs 2 and 9)"));
  RunResult data = with_setting(made_up_run("lwf"), "/data/name", "CIFAR-7");
  data.data_id = "eeeeeeeeeeee";
  CHECK(
      contains(refusal(data), "differ in data (dddddddddddd and eeeeeeeeeeee: data/name \"CIFAR-6\" and \"CIFAR-7\")"));
  RunResult unknown = made_up_run("lwf");
  unknown.protocol.clear();
  CHECK(contains(refusal(unknown), "c does not tell its protocol"));
  CHECK_THROWS_AS(check_comparable(Runs{{"a", unknown}, {"b", unknown}}), Error);
  CHECK_NOTHROW(check_comparable(Runs{}));
}

TEST_CASE("a folder that --seeds filled stands for its runs, and none is read twice") {
  const ScratchFolder scratch;
  write_run(scratch / "lwf/seed2", made_up_run("lwf", 2));
  write_run(scratch / "lwf/seed10", made_up_run("lwf", 10));
  const std::string all = (scratch / "lwf").string(), one = (scratch / "lwf/../lwf/seed2").string();
  const Runs runs = runs_in(std::vector{one, all});
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].run.seed == 2);
  CHECK(runs[1].run.seed == 10);
  CHECK_THROWS_AS(runs_in(std::vector{all, (scratch / "none").string()}), Error);
}

TEST_CASE("differences name nested settings; lists are one value, shown in short") {
  const nlohmann::json a = {{"training", {{"epochs", 2}, {"lr", .1}}}, {"order", {1, 2}}},
                       b = {{"training", {{"epochs", 3}}}};
  const std::vector<Difference> found = differences(a, b);
  REQUIRE(found.size() == 3);
  CHECK(few_of(found, "{} {}>{}") == "order [1,2]>absent; training/epochs 2>3; training/lr 0.1>absent");
  CHECK(few_of({{"a", "1", "2"}, {"b", "1", "2"}, {"c", "1", "2"}, {"d", "1", "2"}}, "{}") == "a; b; c; and 1 more");
  CHECK(differences(nlohmann::json(), nlohmann::json()).empty());
  CHECK(shortened("[10,11,12,13,14,15,16,17,18,19,20,21,22,23]") == "[10,11,12,13,14,15,16,17,18,19,20,21,...]");
  CHECK(shortened("[1,2]") == "[1,2]");
}

}  // namespace
}  // namespace mneme::test
