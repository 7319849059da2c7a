#include "incremental/report/results/seeds.h"

#include <doctest/doctest.h>

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
  const json against = as["final_accuracy_task_aware"]["against"];
  CHECK(against["wilcoxon_p"] == 0.5);  // the smallest that two pairs can have
  CHECK(against["interval_95"][0].get<double>() < 0.09);
  CHECK(against["interval_95"][1].get<double>() > 0.09);
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
