#include <doctest/doctest.h>

#include <cstdio>

#include "apps/terminal/console.h"

namespace mneme::test {
namespace {

/// Three tasks of 100 images each, three epochs a task.
struct Run {
  ExperimentOptions options;
  Scenario scenario;

  Run() {
    options.train.epochs = 3;
    Subset images;
    for (int i = 0; i < 100; ++i) images.append({{i}, {0}});
    scenario.train.assign(3, images);
    scenario.tasks_to_run = 3;
  }
};

/// A step of ten images of an epoch of ten steps.
StepReport step_of(int epoch, int step, int epochs = 3, const std::string& stage = "train") {
  return {0, epoch, epochs, step, 10, step * 10, 1.0, stage};
}

TEST_CASE("what is left of a run counts this task's rest and the tasks to come") {
  const Run run;
  Progress progress(run.options.train, run.scenario);
  progress.start_task(0, 100);
  CHECK(progress.images_left() == 900);
  progress.saw(step_of(1, 1));
  CHECK(progress.images_seen() == 10);
  CHECK(progress.images_left() == 890);
  for (int step = 2; step <= 10; ++step) progress.saw(step_of(1, step));
  for (int step = 1; step <= 4; ++step) progress.saw(step_of(2, step));
  CHECK(progress.images_seen() == 140);
  CHECK(progress.images_left() == 760);
  progress.start_task(1, 120);  // with twenty exemplars
  CHECK(progress.images_left() == 720);
}

TEST_CASE("what another process did before a resumption makes this one no faster") {
  const Run run;
  Progress progress(run.options.train, run.scenario);
  progress.start_task(0, 100);
  progress.saw(step_of(3, 7));
  CHECK(progress.images_seen() == 10);
  CHECK(progress.images_left() == 30 + 600);
  progress.saw(step_of(3, 8));
  CHECK(progress.images_seen() == 20);
}

TEST_CASE("samplers that repeat images, warm-ups and second stages are counted as what they are") {
  const Run run;
  Progress progress(run.options.train, run.scenario);
  progress.start_task(0, 100);
  progress.saw(step_of(1, 5, 2, "warm-up"));  // before the main stage
  CHECK(progress.images_left() == 50 + 100 + 900);
  progress.saw({0, 1, 3, 1, 20, 10, 1.0, "train"});  // an epoch shows every image twice
  CHECK(progress.images_left() == 590 + 2 * 600);
  progress.saw(step_of(2, 5, 2, "class-balance finetuning"));  // after it
  CHECK(progress.images_left() == 50 + 2 * 600);
}

struct Output {
  std::FILE* file = std::tmpfile();

  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { std::fclose(file); }
  std::string text() const {
    std::string all(4096, '\0');
    std::rewind(file);
    all.resize(std::fread(all.data(), 1, all.size(), file));
    return all;
  }
};

TEST_CASE("a run that writes into a file says now and then how far it is") {
  const Run run;
  TaskContext context;
  context.task_sizes = {10};
  const Output often, seldom;
  for (const Output* out : {&often, &seldom}) {
    Console console(run.options, run.scenario, ProgressBar(out->file, std::chrono::hours(out == &often ? 0 : 1)));
    const ExperimentCallbacks callbacks = console.callbacks();
    callbacks.on_task_start(0, context, run.scenario.train[0]);
    callbacks.training.on_step(step_of(2, 5));
    callbacks.training.on_step(step_of(1, 2, 7, "bias correction"));
  }
  CHECK(seldom.text() == "task 1/3: classes 0 to 9, 100 images\n");
  CHECK(often.text().find("\ntask 1/3  epoch 2/3  step 5/10  loss 1.000") != std::string::npos);
  CHECK(often.text().find("\ntask 1/3  bias correction, epoch 1/7  step 2/10  loss 1.000") != std::string::npos);
  CHECK(often.text().find("images/s") != std::string::npos);
  CHECK(often.text().find(" left\n") != std::string::npos);
  CHECK(often.text().find('\r') == std::string::npos);
}

TEST_CASE("why steps are not replayed is said once") {
  const Run run;
  const Output out;
  Console console(run.options, run.scenario, ProgressBar(out.file));
  const ExperimentCallbacks callbacks = console.callbacks();
  EpochReport report;
  callbacks.training.on_epoch(report);
  CHECK(out.text().empty());
  report.capture_obstacle = "they are all different";
  for (int i = 0; i < 3; ++i) callbacks.training.on_epoch(report);
  CHECK(out.text() == "  steps are not captured into a graph, which would be faster: they are all different\n");
}

}  // namespace
}  // namespace mneme::test
