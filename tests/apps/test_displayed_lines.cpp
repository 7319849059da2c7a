// The numbers that people read in the terminal: the line after each task, and the last lines. Every accuracy of the run
// below differs from every other.

#include <doctest/doctest.h>

#include "apps/common/run.h"
#include "apps/terminal/console.h"

namespace mneme::test {
namespace {

/// Three tasks of 3, 2 and 1 classes with 30, 20 and 10 test images.
///   Acc_t: task-agnostic 81, 56.4 and 41.83 %, task-aware 92, 88.6 and 81.17 %, of top 5 99, 91.6 and 83.5 %
RunResult all_different() {
  RunResult run;
  run.method = "lwf";
  run.classes_per_task = {3, 2, 1};
  run.test_images_per_task = {30, 20, 10};
  run.task_agnostic = AccuracyMatrix({{.81}, {.52, .63}, {.34, .46, .57}});
  run.task_aware = AccuracyMatrix({{.92}, {.85, .94}, {.71, .89, .96}});
  run.top5 = AccuracyMatrix({{.99}, {.88, .97}, {.77, .86, .98}});
  run.protocol = "aaaaaaaaaaaa";
  run.data_id = "dddddddddddd";
  return run;
}

TEST_CASE("after a task the terminal shows the newest accuracies, each under its name") {
  ExperimentOptions options;
  Scenario scenario;
  scenario.tasks_to_run = 3;
  std::FILE* file = std::tmpfile();
  REQUIRE(file);
  Console console(options, scenario, ProgressBar(file));
  console.callbacks().on_task_end(2, EvaluationResult(), all_different());
  std::string line(400, '\0');
  std::rewind(file);
  line.resize(std::fread(line.data(), 1, line.size(), file));
  std::fclose(file);
  CHECK(line == "  after task 3: task-agnostic 41.8 % (top-5 83.5 %), task-aware 81.2 %  (0 s)\n");
}

TEST_CASE("the last lines show each average under its name, and published numbers beside ours with ours minus theirs") {
  RunResult run = all_different();
  CHECK(result_text(run) ==
        "\nafter 3 tasks                  task-agnostic  task-aware\n"
        "average incremental accuracy         59.74 %     87.26 %\n"
        "final accuracy                       41.83 %     81.17 %\n"
        "forgetting                           32.00 %     13.00 %\n"
        "top-5, averaged likewise             91.37 %            \n"
        "protocol aaaaaaaaaaaa, data dddddddddddd: compare with runs that have both\n");
  run.published = {{"final_accuracy_task_agnostic", .4, {}, "Table 1, LwF"},
                   {"average_incremental_accuracy_task_aware", .9, {}, "Table 2, LwF"}};
  run.published[1].note = "assumed: the seed";
  run.departures = {"epochs is 1 instead of 160", "images are generated"};
  const std::string text = result_text(run);
  CHECK(text.substr(text.find("not as")) ==
        "not as published, so that numbers do not compare: epochs is 1 instead of 160; images are generated\n"
        "Final accuracy, task-agnostic: published 40.00 % (Table 1, LwF), ours 41.83 %, difference +1.83 points\n"
        "Average incremental accuracy, task-aware: published 90.00 % (Table 2, LwF), ours 87.26 %, difference -2.74 "
        "points; assumed: the seed\n");
}

}  // namespace
}  // namespace mneme::test
