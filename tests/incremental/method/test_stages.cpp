// Tests of the stages of a task, and of the parameters that each stage trains.

#include "incremental/method/stage.h"

#include <doctest/doctest.h>

#include "incremental/methods/registry.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

TEST_CASE("a plain method trains once a task, after a warm-up of the new head if that is asked for") {
  TrainOptions options;
  options.epochs = 7;
  options.base_epochs = 9;
  options.warmup_epochs = 3;
  options.warmup_factor = 0.5;
  const Method method = make_method("lwf", {});
  const std::vector<Stage> first = stages_of(method, options, last_task_of({2}, false)),
                           second = stages_of(method, options, last_task_of({2, 2}, false));
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
    return stages_of(make_method(method, {}), {}, last_task_of({2, 2}, has_exemplars))[0].trainable_parts;
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
  CHECK(stages_of(make_method("lwm", {}), fixed, last_task_of({2}, false))[0].batch_statistics);
  CHECK_FALSE(stages_of(make_method("lwm", {}), fixed, last_task_of({2, 2}, false))[0].batch_statistics);
  MethodOptions released;
  set_option(released, "--as-released", true);
  CHECK(stages_of(make_method("lwm", released), fixed, last_task_of({2, 2}, false))[0].batch_statistics);
}

TEST_CASE("stages of one task draw from places of their own") {
  TrainOptions options;
  options.warmup_epochs = 1;
  const std::vector<Stage> stages = stages_of(make_method("eeil", {}), options, last_task_of({2, 2}, true));
  REQUIRE(stages.size() == 3);
  CHECK(stages[0].number == 1);
  CHECK(stages[1].number == 0);
  CHECK(stages[2].number == 2);
  CHECK(stages_of(make_method("eeil", {}), {}, last_task_of({2, 2}, true))[1].number == 2);
}

TEST_CASE("only what is asked for is held in memory: the old model where some stage compares with it") {
  for (const char* with : {"lwf", "lwm-br", "lucir", "icarl", "eeil", "bic", "dmc", "il-baseline"})
    CHECK_MESSAGE(make_method(with, {}).needs_teacher(), with);
  for (const char* without : {"finetuning", "joint", "ewc", "si", "mas", "rwalk", "il2m"})
    CHECK_MESSAGE(!make_method(without, {}).needs_teacher(), without);
}

}  // namespace
}  // namespace mneme::test
