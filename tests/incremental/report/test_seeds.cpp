#include "incremental/report/results/seeds.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

using doctest::Approx;
using nlohmann::json;

/// A summary in which every reported average is `value`.
json summary_of(double value, const std::string& protocol = "p") {
  json s = {{"protocol", protocol}, {"data_id", "d"}, {"tasks_done", 2}};
  for (const char* rule : {"_task_agnostic", "_task_aware"})
    for (const char* kind : {"average_incremental_accuracy", "final_accuracy", "final_mean_forgetting"})
      s[std::string(kind) + rule] = value;
  return s;
}

TEST_CASE("mean and sample deviation of 2, 4, 4, 4, 5, 5, 7, 9") {
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  CHECK(mean_of(values) == 5);
  CHECK(deviation_of(values) == Approx(std::sqrt(32.0 / 7)));
  CHECK(std::isnan(deviation_of(std::vector<double>{3})));
}

TEST_CASE("Student's distribution: closed forms for one and two degrees of freedom") {
  for (const double t : {0.0, 0.3, 1.0, 2.5, 40.0}) {
    CHECK(student_two_sided(t, 1) == Approx(1 - 2 * std::atan(t) / std::numbers::pi));
    CHECK(student_two_sided(t, 2) == Approx(1 - t / std::sqrt(2 + t * t)));
    CHECK(student_two_sided(-t, 2) == student_two_sided(t, 2));
  }
  CHECK(student_two_sided(std::numeric_limits<double>::infinity(), 4) == Approx(0));
}

TEST_CASE("Student's distribution: the 5 % and 1 % columns of every statistics book") {
  const std::vector<std::tuple<int, double, double>> table = {{1, 12.706, 63.657}, {2, 4.303, 9.925}, {3, 3.182, 5.841},
                                                              {4, 2.776, 4.604},   {5, 2.571, 4.032}, {9, 2.262, 3.250},
                                                              {10, 2.228, 3.169},  {30, 2.042, 2.750}};
  for (const auto& [freedom, five, one] : table) {
    CAPTURE(freedom);
    CHECK(student_two_sided(five, freedom) == Approx(0.05).epsilon(2e-3));
    CHECK(student_two_sided(one, freedom) == Approx(0.01).epsilon(2e-3));
  }
}

TEST_CASE("a paired test by hand: differences 1, 2, 3") {
  const std::vector<double> a = {5, 7, 6}, b = {4, 5, 3};
  const PairedTest test = paired_test(a, b);
  CHECK(test.pairs == 3);
  CHECK(test.difference == 2);
  CHECK(test.t == Approx(2 * std::sqrt(3.0)));                      // 2 / (1 / sqrt 3)
  CHECK(test.p == Approx(1 - std::sqrt(12.0 / 14)).epsilon(1e-9));  // the t quantile for two degrees of freedom
  CHECK(paired_test(b, a).t == Approx(-test.t));
  CHECK(paired_test(a, a).p == Approx(1));
}

TEST_CASE("fewer than two pairs are no test") {
  CHECK_THROWS_AS(paired_test(std::vector<double>{1}, std::vector<double>{2}), Error);
  CHECK_THROWS_AS(paired_test(std::vector<double>{1, 2}, std::vector<double>{2}), Error);
}

TEST_CASE("seeds are paired by their numbers, others are left out of the test") {
  const SeedRuns ours = {{1, summary_of(0.50)}, {2, summary_of(0.60)}, {7, summary_of(0.10)}},
                 theirs = {{1, summary_of(0.40)}, {2, summary_of(0.52)}, {9, summary_of(0.90)}};
  const std::vector<SeedRow> rows = seed_rows(ours, theirs, false);
  REQUIRE(rows.size() == 6);
  for (const SeedRow& row : rows) {
    CHECK(row.mean == Approx(0.4));
    CHECK(*row.against_mean == Approx((0.40 + 0.52 + 0.90) / 3));
    CHECK(row.test->pairs == 2);
    CHECK(row.test->difference == Approx(0.09));
  }
  const json as = as_json(rows, ours);
  CHECK(as["seeds"] == std::vector<int>{1, 2, 7});
  CHECK(as["final_accuracy_task_aware"]["values"][2] == 0.10);
  CHECK(as["final_accuracy_task_aware"]["against"]["pairs"] == 2);
  CHECK(as_text(rows).find("average incremental accuracy") == 0);
  CHECK(as_text(rows).find("+9.00 points, t(1) = ") != std::string::npos);
}

TEST_CASE("runs of different protocols, data or length are not averaged or compared unless asked") {
  json other_data = summary_of(0.4), shorter = summary_of(0.4);
  other_data["data_id"] = "other";
  shorter["tasks_done"] = 1;
  const SeedRuns ours = {{1, summary_of(0.5)}, {2, summary_of(0.6)}};
  for (const json& odd : {summary_of(0.4, "other"), other_data, shorter}) {
    const SeedRuns theirs = {{1, summary_of(0.4)}, {2, odd}};
    CHECK(message_of([&] { seed_rows(ours, theirs, false); }).find("--mixed") != std::string::npos);
    CHECK(message_of([&] { seed_rows(theirs, {}, false); }).find("--mixed") != std::string::npos);
    CHECK(message_of([&] { seed_rows(ours, theirs, true); }) == "no error");
  }
}

TEST_CASE("a folder of seeds is read, and what is none is told in one line") {
  const ScratchFolder scratch;
  CHECK(message_of([&] { read_seed_runs(scratch.path()); }).find("holds no folders seed1, seed2") != std::string::npos);
  scratch.write("seed3/summary.json", summary_of(0.5).dump());
  scratch.write("seed12/summary.json", summary_of(0.6).dump());
  scratch.write("seedling/summary.json", "not one of them");
  const SeedRuns runs = read_seed_runs(scratch.path());
  CHECK(runs.size() == 2);
  CHECK(runs.at(12)["final_accuracy_task_aware"] == 0.6);
  scratch.write("seed4/summary.json", "broken");
  CHECK(message_of([&] { read_seed_runs(scratch.path()); }).find("seed4/summary.json is not a run's summary") !=
        std::string::npos);
}

}  // namespace
}  // namespace mneme::test
