// The stages of a task, and the parameters each of them trains.

#include "incremental/method/stage.h"

#include <doctest/doctest.h>

#include "incremental/methods/registry.h"

namespace mneme::test {
namespace {

TaskContext second_task(bool has_exemplars) {
  TaskContext task;
  task.task = 1;
  task.task_sizes = {2, 2};
  task.class_counts.assign(4, 10);
  task.has_exemplars = has_exemplars;
  return task;
}

TaskContext first_task() {
  TaskContext task;
  task.task_sizes = {2};
  task.class_counts.assign(2, 10);
  return task;
}

std::vector<std::string> names_of(const std::vector<Stage>& stages) {
  std::vector<std::string> names;
  for (const Stage& stage : stages) names.push_back(stage.name);
  return names;
}

using Names = std::vector<std::string>;

TEST_CASE("a plain method trains once a task, after a warm-up of the new head if that is asked for") {
  TrainOptions options;
  options.epochs = 7;
  options.base_epochs = 9;
  options.warmup_epochs = 3;
  options.warmup_factor = 0.5;
  const Method method = make_method("lwf", {});
  const std::vector<Stage> first = stages_of(method, options, first_task()),
                           second = stages_of(method, options, second_task(false));
  CHECK(names_of(first) == Names{"train"});
  CHECK(first[0].options.epochs == 9);
  REQUIRE(names_of(second) == Names{"warm-up", "train"});
  CHECK(second[1].options.epochs == 7);
  const Stage& warm_up = second[0];
  CHECK(warm_up.options.epochs == 3);
  CHECK(warm_up.options.learning_rate == doctest::Approx(0.05));
  CHECK(warm_up.options.sgd.momentum == 0);
  CHECK(warm_up.images == StageImages::new_images);
  CHECK_FALSE(warm_up.batch_statistics);
  CHECK_FALSE(warm_up.objective.needs_teacher());
  CHECK(warm_up.trainable_parts(Part::new_classes));
  for (const Part part : {Part::backbone, Part::old_classes, Part::scale, Part::correction, Part::settled})
    CHECK_FALSE(warm_up.trainable_parts(part));
}

TEST_CASE(
    "old heads rest without exemplars and learn with them; LUCIR's rest always, corrections never learn by default") {
  const auto trainable_parts = [](const char* method, bool has_exemplars) {
    return stages_of(make_method(method, {}), {}, second_task(has_exemplars))[0].trainable_parts;
  };
  CHECK_FALSE(trainable_parts("lwf", false)(Part::old_classes));
  CHECK(trainable_parts("lwf", true)(Part::old_classes));
  CHECK(trainable_parts("icarl", false)(Part::old_classes));
  CHECK_FALSE(trainable_parts("lucir", true)(Part::old_classes));
  CHECK(trainable_parts("lucir", true)(Part::scale));
  for (const char* method : {"lwf", "bic", "lucir"}) {
    CHECK_FALSE(trainable_parts(method, true)(Part::correction));
    CHECK_FALSE(trainable_parts(method, true)(Part::settled));
  }
}

TEST_CASE("fix_bn holds from the second task on, unless released code forgets it") {
  TrainOptions fixed;
  fixed.fix_bn = true;
  CHECK(stages_of(make_method("lwm", {}), fixed, first_task())[0].batch_statistics);
  CHECK_FALSE(stages_of(make_method("lwm", {}), fixed, second_task(false))[0].batch_statistics);
  MethodOptions released;
  released.as_released = true;
  CHECK(stages_of(make_method("lwm", released), fixed, second_task(false))[0].batch_statistics);
}

TEST_CASE("EEIL finetunes on balanced images after the main round, where there are any") {
  const Method method = make_method("eeil", {});
  TrainOptions options;
  options.learning_rate = 0.1;
  CHECK(names_of(stages_of(method, options, first_task())) == Names{"train"});
  CHECK(names_of(stages_of(method, options, second_task(false))) == Names{"train"});
  const std::vector<Stage> stages = stages_of(method, options, second_task(true));
  REQUIRE(names_of(stages) == Names{"train", "balanced finetuning"});
  const Stage& second = stages[1];
  CHECK(second.options.learning_rate == doctest::Approx(0.001));
  CHECK(second.options.epochs == 40);
  CHECK(second.images == StageImages::balanced);
  CHECK(second.objective.needs_stage_start());
  CHECK((second.balancing == Balancing::per_class));
  MethodOptions released;
  released.as_released = true;
  const Stage as_released = stages_of(make_method("eeil", released), options, second_task(true))[1];
  CHECK((as_released.balancing == Balancing::in_total));
  CHECK_FALSE(as_released.objective.needs_stage_start());
}

TEST_CASE("BiC then learns the newest correction and nothing else, on images held out for it") {
  const Stage stage = stages_of(make_method("bic", {}), {}, second_task(true)).at(1);
  CHECK(stage.name == "bias correction");
  CHECK(stage.images == StageImages::held_out);
  CHECK(stage.trainable_parts(Part::correction));
  for (const Part part : {Part::backbone, Part::old_classes, Part::new_classes, Part::scale, Part::settled})
    CHECK_FALSE(stage.trainable_parts(part));
  CHECK_FALSE(stage.batch_statistics);
  CHECK_FALSE(stage.validates);
  CHECK(stage.options.augmentation.crop == Crop::none);
  CHECK(stage.options.epochs == 200);
}

TEST_CASE("LUCIR's class-balance finetuning is an option, moves class weights alone, and leaves batch norm as it is") {
  CHECK(stages_of(make_method("lucir", {}), {}, second_task(true)).size() == 1);
  MethodOptions options;
  options.balanced_epochs = 20;
  const Stage stage = stages_of(make_method("lucir", options), {}, second_task(true)).at(1);
  CHECK(stage.options.epochs == 20);
  CHECK(stage.options.learning_rate == 0.01);
  CHECK(stage.trainable_parts(Part::old_classes));
  CHECK(stage.trainable_parts(Part::new_classes));
  CHECK_FALSE(stage.trainable_parts(Part::backbone));
  CHECK_FALSE(stage.trainable_parts(Part::scale));
  CHECK_FALSE(stage.batch_statistics);
}

TEST_CASE("DMC starts over twice: a specialist on the new images, then a student on others") {
  const Method method = make_method("dmc", {});
  CHECK_FALSE(stages_of(method, {}, first_task())[0].starts_over);
  const std::vector<Stage> stages = stages_of(method, {}, second_task(false));
  REQUIRE(names_of(stages) == Names{"train", "consolidation"});
  CHECK(stages[0].starts_over);
  CHECK_FALSE(stages[0].trainable_parts(Part::old_classes));
  CHECK(stages[1].starts_over);
  CHECK(stages[1].trainable_parts(Part::old_classes));
  CHECK(stages[1].images == StageImages::auxiliary);
  CHECK(stages[1].objective.needs_stage_start());
  CHECK(stages[1].objective.needs_teacher());
  CHECK(method.needs_teacher());
}

TEST_CASE("stages of one task draw from places of their own") {
  TrainOptions options;
  options.warmup_epochs = 1;
  const std::vector<Stage> stages = stages_of(make_method("eeil", {}), options, second_task(true));
  REQUIRE(stages.size() == 3);
  CHECK(stages[0].number == 1);
  CHECK(stages[1].number == 0);
  CHECK(stages[2].number == 2);
  CHECK(stages_of(make_method("eeil", {}), {}, second_task(true))[1].number == 2);
}

TEST_CASE("only what is asked for is held in memory: the old model where some stage compares with it") {
  for (const char* with : {"lwf", "lwm-br", "lucir", "icarl", "eeil", "bic", "dmc", "il-baseline"})
    CHECK_MESSAGE(make_method(with, {}).needs_teacher(), with);
  for (const char* without : {"finetuning", "joint", "ewc", "si", "mas", "rwalk", "il2m"})
    CHECK_MESSAGE(!make_method(without, {}).needs_teacher(), without);
}

}  // namespace
}  // namespace mneme::test
