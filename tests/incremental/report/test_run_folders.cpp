#include "incremental/report/results/run_folders.h"

#include <doctest/doctest.h>

#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/run_groups.h"
#include "incremental/report/results/stored_run.h"
#include "tests/data/scratch_folder.h"
#include "tests/incremental/report/made_up_run.h"
#include "tests/incremental/report/page_checks.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

using Words = std::vector<std::string>;

/// Typical folders of a user: two methods with seeds, a single run, a run that has just begun, and other files.
void fill(const ScratchFolder& scratch) {
  for (const std::uint64_t seed : {2, 10}) {
    write_run(scratch / ("runs/lwf/seed" + std::to_string(seed)), made_up_run("lwf", seed));
    write_run(scratch / ("runs/ewc/seed" + std::to_string(seed)), made_up_run("ewc", seed));
  }
  write_run(scratch / "runs/mas", made_up_run("mas", 1));
  scratch.write("runs/begun/run.json", "{}");
  scratch.write("runs/comparison.html", "a page");
  scratch.write("runs/notes/plan.txt", "text");
}

/// The run folders that the words of a command line name, relative to the scratch folder.
Words found(const ScratchFolder& scratch, Words words) {
  for (std::string& word : words) word = (scratch / word).string();
  Words names;
  for (const auto& path : named_runs(words)) names.push_back(std::filesystem::relative(path, scratch.path()).string());
  return names;
}

TEST_CASE("a folder stands for the runs below it, seeds by their numbers, and none is read twice") {
  const ScratchFolder scratch;
  fill(scratch);
  CHECK(found(scratch, {"runs/lwf"}) == Words{"runs/lwf/seed2", "runs/lwf/seed10"});
  CHECK(found(scratch, {"runs"}) ==
        Words{"runs/ewc/seed2", "runs/ewc/seed10", "runs/lwf/seed2", "runs/lwf/seed10", "runs/mas"});
  CHECK(found(scratch, {"runs/mas", "runs/../runs/mas"}) == Words{"runs/mas"});
}

TEST_CASE("a pattern stands for what it matches, without what contains no run") {
  const ScratchFolder scratch;
  fill(scratch);
  CHECK(found(scratch, {"runs/*/seed2"}) == Words{"runs/ewc/seed2", "runs/lwf/seed2"});
  CHECK(found(scratch, {"runs/[lm]*"}) == Words{"runs/lwf/seed2", "runs/lwf/seed10", "runs/mas"});
  CHECK(found(scratch, {"runs/*"}).size() == 5);
  CHECK(contains(message_of([&] { found(scratch, {"runs/x*"}); }), "x*: matches no folder"));
  CHECK(contains(message_of([&] { found(scratch, {"runs/n*"}); }), "matches 1 file, but no run"));
  // A folder with such a name is that folder.
  write_run(scratch / "a[1]", made_up_run("lwf"));
  CHECK(found(scratch, {"a[1]"}) == Words{"a[1]"});
}

TEST_CASE("a word that stands for no run is told why") {
  const ScratchFolder scratch;
  fill(scratch);
  const auto refusal = [&](const char* word) { return message_of([&] { found(scratch, {word}); }); };
  CHECK(contains(refusal("nowhere"), "there is no such folder"));
  CHECK(contains(refusal("runs/begun"), "has not finished its first task"));
  CHECK(contains(refusal("runs/notes"), "is no run's folder, and none below it is one"));
}

TEST_CASE("names are in the order of people") {
  CHECK(in_natural_order("seed2", "seed10"));
  CHECK_FALSE(in_natural_order("seed10", "seed2"));
  CHECK(in_natural_order("a", "b"));
  CHECK(in_natural_order("seed", "seed1"));
  CHECK(in_natural_order("seed02", "seed10"));
  CHECK_FALSE(in_natural_order("seed1", "seed1"));
}

TEST_CASE("a summary by any name is read without its run, and its numbers are the same") {
  const ScratchFolder scratch;
  const RunResult run = made_up_run("lwf", 3, .01);
  write_run(scratch / "run", run);
  std::filesystem::copy(scratch / "run/summary.json", scratch / "mine.summary.json");
  const RunResult alone = stored_summary(scratch / "mine.summary.json"), whole = stored_summary(scratch / "run");
  for (const RunResult* read : {&alone, &whole}) {
    CHECK(read->seed == 3);
    CHECK(find_number(key_numbers(*read), "final_accuracy_task_agnostic").value ==
          doctest::Approx(find_number(key_numbers(run), "final_accuracy_task_agnostic").value));
    CHECK(read->epochs.empty());
  }
  CHECK(whole.settings == stored_run(scratch / "run").settings);
  const Words words = {(scratch / "mine.summary.json").string()};
  CHECK(runs_in(words, Reading::summary).size() == 1);
  CHECK(contains(message_of([&] { runs_in(words); }), "is a summary alone"));
}

TEST_CASE("averages that need the numbers of test images are not made up without them") {
  const ScratchFolder scratch;
  RunResult run = made_up_run("lwf");
  run.confusion.add(0, 0, 500);  // the first task has many more images than the others
  run.test_images_per_task = {520, 20, 20};
  write_run(scratch / "run", run);
  CHECK(stored_summary(scratch / "run").test_images_per_task == run.test_images_per_task);
  std::filesystem::remove(scratch / "run/confusion.csv");
  CHECK(contains(message_of([&] { stored_summary(scratch / "run"); }), "put the run's confusion.csv beside it"));
}

}  // namespace
}  // namespace mneme::test
