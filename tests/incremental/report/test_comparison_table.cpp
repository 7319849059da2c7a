#include "incremental/report/results/comparison_table.h"

#include <doctest/doctest.h>

#include <cmath>

#include "incremental/report/rank_comparison.h"
#include "tests/incremental/report/made_up_run.h"
#include "tests/incremental/report/page_checks.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

using doctest::Approx;

constexpr const char* final_accuracy = "final_accuracy_task_agnostic";

/// Three seeds of each of two methods; lwf is better by 1, 2 and 3 points.
std::vector<RunGroup> two_methods() {
  std::vector<NamedRun> runs;
  for (int seed = 1; seed <= 3; ++seed) {
    runs.push_back({"f", made_up_run("finetuning", static_cast<std::uint64_t>(seed))});
    runs.push_back({"l", made_up_run("lwf", static_cast<std::uint64_t>(seed), .01 * seed)});
  }
  return grouped(runs);
}

RunResult in_setting(RunResult run, const char* protocol, int epochs) {
  run.protocol = run.settings["protocol"] = protocol;
  run.settings["training"]["epochs"] = epochs;
  return run;
}

TEST_CASE("a measure is found by its name in summary.json, and an unknown name by its nearest") {
  const RunResult run = made_up_run("lwf");
  const Measure forgetting = measure_of(run, "final_mean_forgetting_task_aware");
  CHECK(forgetting.is_aware);
  CHECK_FALSE(forgetting.higher_is_better);
  CHECK(forgetting.short_label == "forgetting");
  CHECK(measure_of(run, final_accuracy).higher_is_better);
  CHECK(contains(message_of([&] { measure_of(run, "final_acuracy_task_agnostic"); }),
                 "did you mean 'final_accuracy_task_agnostic'?"));
  CHECK(usual_measures(two_methods()).size() == 6);
}

TEST_CASE("what a preset publishes is a column, behind the measures of its kind of prediction") {
  RunResult run = made_up_run("lwf");
  run.published = {{"mean_over_all_entries_task_aware", .613, {}, "Table A.2"}};
  const std::vector<RunGroup> groups = grouped({{"a", run}, {"b", made_up_run("ewc")}});
  const ComparisonTable table = comparison_table(groups, usual_measures(groups));
  REQUIRE(table.measures.size() == 7);
  CHECK(table.measures[6].key == "mean_over_all_entries_task_aware");
  CHECK(table.has_published(6));
  CHECK_FALSE(table.has_published(0));
  CHECK(table.blocks[0].rows[0].cells[6].published->value == .613);
  CHECK_FALSE(table.blocks[0].rows[1].cells[6].published.has_value());
}

TEST_CASE("the best of a column is the highest accuracy and the lowest forgetting, equal ones together") {
  RunResult calm = made_up_run("calm");
  calm.task_agnostic = AccuracyMatrix({{.5}, {.5, .5}, {.5, .5, .5}});
  const std::vector<RunGroup> groups =
      grouped({{"a", made_up_run("lwf")}, {"b", made_up_run("ewc", 1, .000001)}, {"c", calm}});
  const ComparisonTable table = comparison_table(groups, usual_measures(groups));
  const auto best_of = [&](std::size_t m) {
    std::string best;
    for (const ComparisonRow& row : table.blocks[0].rows)
      if (row.cells[m].is_best) best += row.label + " ";
    return best;
  };
  CHECK(best_of(0) == "lwf ewc ");  // they differ by less than is printed
  CHECK(best_of(2) == "calm ");     // forgets nothing
  const std::vector<RunGroup> one = grouped({{"a", made_up_run("lwf")}});
  CHECK_FALSE(comparison_table(one, usual_measures(one)).blocks[0].rows[0].cells[0].is_best);
}

TEST_CASE("settings are judged apart, and labelled by what tells them apart") {
  const std::vector<RunGroup> groups = grouped({{"a", made_up_run("lwf")},
                                                {"b", in_setting(made_up_run("ewc", 1, .1), "bbbbbbbbbbbb", 9)},
                                                {"c", made_up_run("ewc", 1, .05)},
                                                {"d", made_up_unfinished("mas")}});
  const ComparisonTable table = comparison_table(groups, usual_measures(groups));
  REQUIRE(table.blocks.size() == 3);
  CHECK(table.blocks[0].rows.size() == 2);
  CHECK(table.blocks[0].setting == "CIFAR-6, 3 tasks");
  CHECK(table.blocks[1].setting == "CIFAR-6, 3 tasks, training/epochs 9");
  CHECK(table.blocks[2].setting == "CIFAR-6, 2 of 3 tasks");
  CHECK(table.blocks[0].rows[1].label == "ewc");  // within a setting the method is enough
  CHECK(table.blocks[1].rows[0].label == "ewc");
  CHECK_FALSE(table.blocks[1].rows[0].cells[0].is_best);  // nothing there to be better than
  CHECK(table.blocks[0].rows[1].cells[0].is_best);
}

TEST_CASE("paired differences are those of the same seeds, with both tests") {
  const std::vector<RunGroup> groups = two_methods();
  const auto differences = paired_differences(groups, std::vector{measure_of(groups[0].first(), final_accuracy)});
  REQUIRE(differences.size() == 1);
  REQUIRE(differences[0].pairs.size() == 1);
  const PairedDifference& pair = differences[0].pairs[0];
  CHECK(pair.a == "lwf");
  CHECK(pair.b == "finetuning");
  CHECK(pair.seeds == 3);
  CHECK(pair.t.difference == Approx(.02));
  CHECK(pair.t.t == Approx(2 * std::sqrt(3.)));        // differences 1, 2, 3: mean 2, deviation 1
  CHECK(pair.t.p == Approx(1 - std::sqrt(12. / 14)));  // two degrees of freedom
  CHECK(pair.t_holm == pair.t.p);
  CHECK(pair.wilcoxon.p == .25);
}

TEST_CASE("Holm corrects for all pairs of a measure, and a reference leaves fewer of them") {
  std::vector<NamedRun> runs;
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    for (const auto& [method, shift] : {std::pair{"a", 0.}, std::pair{"b", .05}, std::pair{"c", .09}})
      runs.push_back({method, made_up_run(method, seed,
                                          shift + (method[0] == 'c' ? .001 * double(seed) : 0) +
                                              (method[0] == 'b' ? .002 * double(seed % 2) : 0))});
  const std::vector<RunGroup> groups = grouped(runs);
  const std::vector<Measure> measures = {measure_of(groups[0].first(), final_accuracy)};
  const auto all = paired_differences(groups, measures);
  REQUIRE(all[0].pairs.size() == 3);
  double smallest = 1, smallest_corrected = 1;
  for (const PairedDifference& pair : all[0].pairs) {
    CHECK(pair.t_holm >= pair.t.p);
    smallest = std::min(smallest, pair.t.p);
    smallest_corrected = std::min(smallest_corrected, pair.t_holm);
  }
  CHECK(smallest_corrected == Approx(3 * smallest));
  const auto to_a = paired_differences(groups, measures, "a");
  REQUIRE(to_a[0].pairs.size() == 2);
  for (const PairedDifference& pair : to_a[0].pairs) CHECK(pair.b == "a");
  CHECK(contains(message_of([&] { paired_differences(groups, measures, "d"); }), "no row is called 'd'"));
}

TEST_CASE("one seed in common, another protocol or an undefined value is no pair") {
  const std::vector<Measure> measures = {measure_of(made_up_run("a"), final_accuracy)};
  const auto pairs_between = [&](const std::vector<NamedRun>& runs) {
    const std::vector<RunGroup> groups = grouped(runs);
    return paired_differences(groups, measures).size();
  };
  CHECK(pairs_between({{"a", made_up_run("a", 1)}, {"b", made_up_run("b", 1)}}) == 0);
  CHECK(pairs_between({{"a", made_up_run("a", 1)},
                       {"a", made_up_run("a", 2)},
                       {"b", in_setting(made_up_run("b", 1), "bbbbbbbbbbbb", 9)},
                       {"b", in_setting(made_up_run("b", 2), "bbbbbbbbbbbb", 9)}}) == 0);
}

/// Three methods in `settings` settings. In each, c is better than b and b better than a.
std::vector<NamedRun> ranked_runs(int settings) {
  std::vector<NamedRun> runs;
  for (int s = 0; s < settings; ++s)
    for (const auto& [method, shift] : {std::pair{"a", 0.}, std::pair{"b", .02}, std::pair{"c", .04}})
      runs.push_back({method, in_setting(made_up_run(method, 1, shift), std::to_string(s).c_str(), s + 1)});
  return runs;
}

TEST_CASE("methods are ranked over settings, and those that are not in each of them are named") {
  std::vector<NamedRun> runs = ranked_runs(4);
  runs.push_back({"d", in_setting(made_up_run("d"), "0", 1)});
  const std::vector<RunGroup> groups = grouped(runs);
  const RankComparison ranks = rank_comparison(groups, measure_of(runs[0].run, final_accuracy));
  CHECK(ranks.methods == std::vector<std::string>{"a", "b", "c"});
  CHECK(ranks.settings.size() == 4);
  CHECK(ranks.left_out == std::vector<std::string>{"d"});
  CHECK(ranks.test.mean_ranks == std::vector<double>{3, 2, 1});
  CHECK(ranks.test.chi_square == Approx(8));  // the largest that 4 settings and 3 methods can have
  CHECK(ranks.diagram.mean_ranks[0] == std::pair<std::string, double>{"c", 1});
  CHECK(ranks.diagram.critical_difference == Approx(1.6572465777));
  // a and b are 1 apart, b and c too: less than the critical difference; a and c are not joined.
  CHECK(ranks.diagram.alike.size() == 2);
  const std::string drawn = draw(ranks.diagram);
  check_self_contained(drawn);
  CHECK(contains(drawn, "CD = 1.66"));
  CHECK(occurrences(drawn, "class=alike") == 2);
  CHECK(contains(drawn, "left out: d"));
}

TEST_CASE("ranks need three methods in two settings, and say what there is") {
  const std::vector<RunGroup> groups = grouped(ranked_runs(1));
  CHECK(contains(message_of([&] { rank_comparison(groups, measure_of(groups[0].first(), final_accuracy)); }),
                 "found 3 methods in 1 setting"));
  CHECK_FALSE(rank_comparison_if_any(groups, measure_of(groups[0].first(), final_accuracy)).has_value());
}

TEST_CASE("a method with the same name and other options is another method") {
  std::vector<NamedRun> runs = ranked_runs(2);
  for (NamedRun& each : runs)
    if (each.run.method == "b") {
      each.run.method = each.run.settings["method"]["name"] = "a";
      each.run.settings["method"]["alpha"] = .5;
    }
  const MethodsBySetting methods = methods_by_setting(grouped(runs));
  CHECK(methods.methods.size() == 3);
  CHECK(methods.left_out.empty());
}

}  // namespace
}  // namespace mneme::test
