// Which rounds a task consists of, and what learns in them.

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
  const Recipe recipe = make_recipe("lwf", {});
  const std::vector<Stage> first = stages_of(recipe, options, first_task()),
                           second = stages_of(recipe, options, second_task(false));
  CHECK(names_of(first) == Names{"train"});
  CHECK(first[0].options.epochs == 9);
  REQUIRE(names_of(second) == Names{"warm-up", "train"});
  CHECK(second[1].options.epochs == 7);
  const Stage& warm_up = second[0];
  CHECK(warm_up.options.epochs == 3);
  CHECK(warm_up.options.learning_rate == doctest::Approx(0.05));
  CHECK(warm_up.options.sgd.momentum == 0);
  CHECK(warm_up.images == StageImages::fresh);
  CHECK_FALSE(warm_up.batch_statistics);
  CHECK_FALSE(warm_up.objective.needs_teacher());
  CHECK(warm_up.learns(Part::new_classes));
  for (const Part part : {Part::backbone, Part::old_classes, Part::scale, Part::correction, Part::settled})
    CHECK_FALSE(warm_up.learns(part));
}

TEST_CASE(
    "old heads rest without exemplars and learn with them; LUCIR's rest always, corrections never learn by default") {
  const auto learns = [](const char* method, bool has_exemplars) {
    return stages_of(make_recipe(method, {}), {}, second_task(has_exemplars))[0].learns;
  };
  CHECK_FALSE(learns("lwf", false)(Part::old_classes));
  CHECK(learns("lwf", true)(Part::old_classes));
  CHECK(learns("icarl", false)(Part::old_classes));
  CHECK_FALSE(learns("lucir", true)(Part::old_classes));
  CHECK(learns("lucir", true)(Part::scale));
  for (const char* method : {"lwf", "bic", "lucir"}) {
    CHECK_FALSE(learns(method, true)(Part::correction));
    CHECK_FALSE(learns(method, true)(Part::settled));
  }
}

TEST_CASE("fix_bn holds from the second task on, unless released code forgets it") {
  TrainOptions fixed;
  fixed.fix_bn = true;
  CHECK(stages_of(make_recipe("lwm", {}), fixed, first_task())[0].batch_statistics);
  CHECK_FALSE(stages_of(make_recipe("lwm", {}), fixed, second_task(false))[0].batch_statistics);
  MethodOptions released;
  released.as_released = true;
  CHECK(stages_of(make_recipe("lwm", released), fixed, second_task(false))[0].batch_statistics);
}

TEST_CASE("EEIL finetunes on balanced images after the main round, where there are any") {
  const Recipe recipe = make_recipe("eeil", {});
  TrainOptions options;
  options.learning_rate = 0.1;
  CHECK(names_of(stages_of(recipe, options, first_task())) == Names{"train"});
  CHECK(names_of(stages_of(recipe, options, second_task(false))) == Names{"train"});
  const std::vector<Stage> stages = stages_of(recipe, options, second_task(true));
  REQUIRE(names_of(stages) == Names{"train", "balanced finetuning"});
  const Stage& second = stages[1];
  CHECK(second.options.learning_rate == doctest::Approx(0.001));
  CHECK(second.options.epochs == 40);
  CHECK(second.images == StageImages::balanced);
  CHECK(second.objective.needs_before());
  CHECK((second.balancing == Balancing::per_class));
  MethodOptions released;
  released.as_released = true;
  const Stage as_released = stages_of(make_recipe("eeil", released), options, second_task(true))[1];
  CHECK((as_released.balancing == Balancing::in_total));
  CHECK_FALSE(as_released.objective.needs_before());
}

TEST_CASE("BiC then learns the newest correction and nothing else, on images held out for it") {
  const Stage stage = stages_of(make_recipe("bic", {}), {}, second_task(true)).at(1);
  CHECK(stage.name == "bias correction");
  CHECK(stage.images == StageImages::held_out);
  CHECK(stage.learns(Part::correction));
  for (const Part part : {Part::backbone, Part::old_classes, Part::new_classes, Part::scale, Part::settled})
    CHECK_FALSE(stage.learns(part));
  CHECK_FALSE(stage.batch_statistics);
  CHECK_FALSE(stage.validates);
  CHECK(stage.options.augmentation.crop == Crop::none);
  CHECK(stage.options.epochs == 200);
}

TEST_CASE("LUCIR's class-balance finetuning is an option, moves class weights alone, and leaves batch norm as it is") {
  CHECK(stages_of(make_recipe("lucir", {}), {}, second_task(true)).size() == 1);
  MethodOptions options;
  options.balanced_epochs = 20;
  const Stage stage = stages_of(make_recipe("lucir", options), {}, second_task(true)).at(1);
  CHECK(stage.options.epochs == 20);
  CHECK(stage.options.learning_rate == 0.01);
  CHECK(stage.learns(Part::old_classes));
  CHECK(stage.learns(Part::new_classes));
  CHECK_FALSE(stage.learns(Part::backbone));
  CHECK_FALSE(stage.learns(Part::scale));
  CHECK_FALSE(stage.batch_statistics);
}

TEST_CASE("DMC starts over twice: a specialist on the new images, then a student on others") {
  const Recipe recipe = make_recipe("dmc", {});
  CHECK_FALSE(stages_of(recipe, {}, first_task())[0].starts_over);
  const std::vector<Stage> stages = stages_of(recipe, {}, second_task(false));
  REQUIRE(names_of(stages) == Names{"train", "consolidation"});
  CHECK(stages[0].starts_over);
  CHECK_FALSE(stages[0].learns(Part::old_classes));
  CHECK(stages[1].starts_over);
  CHECK(stages[1].learns(Part::old_classes));
  CHECK(stages[1].images == StageImages::auxiliary);
  CHECK(stages[1].objective.needs_before());
  CHECK(stages[1].objective.needs_teacher());
  CHECK(recipe.asks_old_model());
}

TEST_CASE("stages of one task draw from places of their own") {
  TrainOptions options;
  options.warmup_epochs = 1;
  const std::vector<Stage> stages = stages_of(make_recipe("eeil", {}), options, second_task(true));
  REQUIRE(stages.size() == 3);
  CHECK(stages[0].number == 1);
  CHECK(stages[1].number == 0);
  CHECK(stages[2].number == 2);
  CHECK(stages_of(make_recipe("eeil", {}), {}, second_task(true))[1].number == 2);
}

TEST_CASE("only what is asked for is held in memory: the old model where some stage compares with it") {
  for (const char* with : {"lwf", "lwm-br", "lucir", "icarl", "eeil", "bic", "dmc", "il-baseline"})
    CHECK_MESSAGE(make_recipe(with, {}).asks_old_model(), with);
  for (const char* without : {"finetuning", "joint", "ewc", "si", "mas", "rwalk", "il2m"})
    CHECK_MESSAGE(!make_recipe(without, {}).asks_old_model(), without);
}

}  // namespace
}  // namespace mneme::test
