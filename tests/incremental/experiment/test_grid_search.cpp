// Grid search of learning rate and weight: which values are tried, which are chosen, and that trials have no effect.

#include "data/files/text_lines.h"
#include "incremental/training/grid_search.h"

#include <doctest/doctest.h>

#include "data/files/file_bytes.h"
#include "tests/incremental/run_files.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

using Rates = std::vector<double>;

/// Finetuning is best at the learning rate 0.05. The method reaches its accuracy only with weights of at most
/// `bearable`.
Trial world(double bearable) {
  return [bearable](double rate, std::optional<double> weight) {
    const double plain = rate == 0.05 ? 0.8 : 0.5;
    return weight && *weight > bearable ? 0.79 * plain : plain;
  };
}

Rates plain_rates(const SearchResult& found) {
  Rates rates;
  for (const TrialRecord& t : found.trials)
    if (!t.weight) rates.push_back(t.lr);
  return rates;
}

Rates weights(const SearchResult& found) {
  Rates tried;
  for (const TrialRecord& t : found.trials)
    if (t.weight) tried.push_back(*t.weight);
  return tried;
}

TEST_CASE("the first task tries its rates by plain training, and no weight") {
  const SearchResult found = search_grid({}, 0, 0, 10, world(100));
  CHECK(plain_rates(found) == Rates{0.5, 0.1, 0.05});
  CHECK(weights(found).empty());
  CHECK(found.lr == 0.05);
  CHECK_FALSE(found.weight);
}

TEST_CASE("later tasks try the three largest rates below the first task's, in whatever order they are given") {
  GridSearchOptions options;
  CHECK(plain_rates(search_grid(options, 1, 0.5, {}, world(1))) == Rates{0.1, 0.05, 0.01});
  CHECK(plain_rates(search_grid(options, 1, 0.1, {}, world(1))) == Rates{0.05, 0.01, 0.005});
  options.lrs = {0.001, 0.05, 0.01};
  CHECK(plain_rates(search_grid(options, 2, 0.05, {}, world(1))) == Rates{0.01, 0.001});
  CHECK_THROWS_WITH_AS((void)search_grid(options, 1, 0.001, {}, world(1)), doctest::Contains("--grid-lrs"), Error);
}

TEST_CASE("of equally good rates the first tried is taken, the largest") {
  const Trial equal = [](double, std::optional<double>) { return 0.5; };
  CHECK(search_grid({}, 0, 0, {}, equal).lr == 0.5);
  CHECK(search_grid({}, 1, 0.5, {}, equal).lr == 0.1);
  const Trial hopeless = [](double, std::optional<double>) { return 0.0; };
  CHECK(search_grid({}, 0, 0, {}, hopeless).lr == 0.5);
}

TEST_CASE("the weight is halved until the task is learned almost as well as without it") {
  const SearchResult at_once = search_grid({}, 1, 0.1, 10, world(10)), halved = search_grid({}, 1, 0.1, 10, world(3));
  CHECK(weights(at_once) == Rates{10});
  CHECK(at_once.weight == 10);
  CHECK(weights(halved) == Rates{10, 5, 2.5});
  CHECK(halved.weight == 2.5);
  CHECK(halved.lr == 0.05);
}

TEST_CASE("after the last try the weight is taken untried") {
  GridSearchOptions options;
  options.tries = 3;
  const SearchResult found = search_grid(options, 1, 0.1, 8, world(0.1));
  CHECK(weights(found) == Rates{8, 4, 2});
  CHECK(found.weight == 1);
}

TEST_CASE("a loss of exactly the accepted share is accepted, and a method without a weight has none tried") {
  const Trial trial = [](double, std::optional<double> weight) { return weight ? 0.5 : 1.0; };
  GridSearchOptions options;
  options.drop = 0.5;
  CHECK(search_grid(options, 1, 0.1, 4, trial).weight == 4);
  CHECK_FALSE(search_grid(options, 1, 0.1, {}, trial).weight);
}

ExperimentOptions searching(const std::string& method) {
  ExperimentOptions o = tiny_options_for(method);
  o.grid.tasks = 2;
  o.grid.first_lrs = {0.02, 0.05};
  o.grid.lrs = {0.01, 0.005, 0.002};
  o.grid.lrs_tried = 2;
  o.grid.tries = 2;
  o.grid.drop = 0;
  return o;
}

TEST_CASE("trials leave no trace: a search with one candidate is a run with that rate and weight") {
  for (const char* method : {"lwf", "ewc", "lucir", "icarl", "rwalk"}) {
    CAPTURE(method);
    ExperimentOptions searched = tiny_options_for(method), plain = searched;
    set_option(plain.method_options, "--lambda", 3);
    set_option(searched.method_options, "--lambda", 3);
    searched.grid.tasks = 2;
    searched.grid.first_lrs = {0.06};
    searched.grid.lrs = {0.05};
    searched.grid.drop = 0.999;
    searched.train.learning_rate = 123;  // this value is never used
    plain.train.learning_rate = 0.06;
    plain.scenario.stop_after = searched.scenario.stop_after = 1;
    CHECK(changed(finish(plain).states[0], finish(searched).states[0]).empty());
    searched.scenario.stop_after = plain.scenario.stop_after = 0;
    searched.grid.first_lrs = {0.06, 0.06};
    const Finished twice = finish(searched);
    searched.grid.first_lrs = {0.06};
    CHECK(changed(twice.states[1], finish(searched).states[1]).empty());
    CHECK(twice.result.epochs.back().lr == doctest::Approx(0.05));
    REQUIRE(twice.result.remarks.size() == 2);
    CHECK(twice.result.remarks[1] ==
          "Task 1: grid search chose the learning rate 0.05 and the weight 3 after 2 trials.");
  }
}

TEST_CASE("a search is in the folder, trial by trial") {
  const ScratchFolder scratch(memory_or_disk());
  const ResidentDataset data = tiny_data();
  RunFolder folder(scratch / "run");
  Experiment(searching("lwf"), data).run(folder, {});
  const std::vector<std::string> lines = read_lines(scratch / "run" / "grid_search.csv");
  CHECK(lines[0] == "task,what,rate,weight,accuracy");
  CHECK(lines[1].starts_with("1,plain,0.02,,"));
  CHECK(lines[2].starts_with("1,plain,0.05,,"));
  CHECK(lines[3].starts_with("1,chosen,0.0"));
  CHECK(lines[4].starts_with("2,plain,0.01,,"));
  CHECK(lines[5].starts_with("2,plain,0.005,,"));
  CHECK(lines[6].starts_with("2,guarded,0.0"));
  CHECK(lines[6].find(",10,") != std::string::npos);
  CHECK(lines.back().starts_with("2,chosen,0.0"));
}

TEST_CASE("trials of iCaRL are judged by the nearest class mean, and those of plain training by the logits") {
  const auto trials = [](const std::string& rule, const std::string& kind) {
    const ScratchFolder scratch(memory_or_disk());
    const ResidentDataset data = tiny_data();
    ExperimentOptions options = searching("icarl");
    options.predict_by = rule;
    RunFolder folder(scratch / "run");
    Experiment(options, data).run(folder, {});
    std::vector<std::string> lines = read_lines(scratch / "run" / "grid_search.csv");
    std::erase_if(lines, [&](const std::string& line) { return !line.starts_with(kind); });
    return lines;
  };
  CHECK(trials("", "2,plain") == trials("logits", "2,plain"));
  CHECK(trials("", "2,guarded").at(0) != trials("logits", "2,guarded").at(0));
}

TEST_CASE("a run that searches can be stopped anywhere, in a trial too, and ends in the same files") {
  const ResidentDataset data = tiny_data();
  for (const char* method : {"lwf", "rwalk"}) {
    const ExperimentOptions o = searching(method);
    const ScratchFolder scratch(memory_or_disk());
    const auto run = [&](const std::string& name, int stop_after) {
      return run_until(o, data, scratch / name, stop_after);
    };
    REQUIRE(run("whole", -1));
    for (int stop = 0; stop < 40; stop += 3) {
      CAPTURE(stop);
      const std::string name = "stopped" + std::to_string(stop);
      if (run(name, stop)) break;
      REQUIRE(run(name, -1));
      CHECK(different_files(scratch / "whole", scratch / name) == std::vector<std::string>{});
    }
  }
}

TEST_CASE("a search needs validation images and its own first task") {
  const auto refusal = [](const std::function<void(ExperimentOptions&)>& change) {
    ExperimentOptions o = searching("lwf");
    change(o);
    try {
      const ResidentDataset data = tiny_data();
      const Experiment experiment(o, data);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(refusal([](auto& o) { o.scenario.validation_fraction = 0; }).find("give --validation") != std::string::npos);
  CHECK(refusal([](auto& o) { o.first_task_from = "x"; }).find("leave out --first-task-from") != std::string::npos);
  CHECK(refusal([](auto& o) { o.grid.lrs = {0}; }) == "--grid-lrs must be more than 0, got 0");
  CHECK(refusal([](auto& o) { o.grid.first_lrs = {}; }) == "--grid-first-lrs needs at least one learning rate");
  CHECK(refusal([](auto& o) { o.grid.decay = 1; }) == "--grid-decay must lie in [0, 1), got 1");
  CHECK(refusal([](auto& o) { o.grid.tasks = -1; }) == "--grid-search-tasks must be at least 0, got -1");
}

}  // namespace
}  // namespace mneme::test
