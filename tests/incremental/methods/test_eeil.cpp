// Tests of EEIL: its terms (docs/methods/eeil.md#departures), its stages, and their effect on the network.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/distill.h"
#include "incremental/losses/primitives.h"
#include "incremental/method/stage.h"
#include "incremental/methods/registry.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

TEST_CASE("EEIL's released term by the book") {
  const Tensor z = f64({2, 2}, {1, -1, .5, 2}), zh = f64({2, 2}, {0, -2, 1, 1});
  CHECK(binary_distillation_of_softmax(z, zh, 2).item() == doctest::Approx(0.6720371).epsilon(1e-7));
}

TEST_CASE("the released first round of EEIL distils nothing in the second task, the second round one head") {
  const TaskContext task = last_task_of({2, 2}, true);
  CHECK_FALSE(binary_softmax_distillation(2, 1)->active(task));
  CHECK(binary_softmax_distillation(2, 0)->active(task));
}

TEST_CASE("a softmax that has lost a class altogether keeps EEIL's released term finite") {
  const Tensor z = f64({1, 3}, {2000, -2000, 0}), zh = f64({1, 3}, {-2000, 2000, 0});
  CHECK(std::isfinite(binary_distillation_of_softmax(z, zh, 2).item()));
  CHECK(std::isfinite(binary_distillation_of_softmax(z.to(DType::f32), zh.to(DType::f32), 2).item()));
}

TEST_CASE("the newest head is distilled from the network as it was when the round began") {
  NetOutput s, before;
  s.scores.logits = drawn_tensor("z", {2, 4});
  before.scores.logits = drawn_tensor("before", {2, 4});
  const TermPointer term = newest_head_distillation({});
  CHECK(term->needs_stage_start());
  CHECK_FALSE(term->needs_teacher());
  const TaskContext task = last_task_of({2, 2}, true);
  CHECK(term->loss({s, nullptr, i32({0, 1}), task, &before}).item() ==
        near(distillation(slice_columns(s.scores.logits, 2, 4), slice_columns(before.scores.logits, 2, 4), 2, 1e-5)
                 .item()));
}

TEST_CASE("EEIL finetunes on balanced images after the main round, where there are any") {
  const Method method = make_method("eeil", {});
  TrainOptions options;
  options.learning_rate = 0.1;
  CHECK(names_of(stages_of(method, options, last_task_of({2}, false))) == Names{"train"});
  CHECK(names_of(stages_of(method, options, last_task_of({2, 2}, false))) == Names{"train"});
  const std::vector<Stage> stages = stages_of(method, options, last_task_of({2, 2}, true));
  REQUIRE(names_of(stages) == Names{"train", "balanced finetuning"});
  const Stage& second = stages[1];
  CHECK(second.options.learning_rate == doctest::Approx(0.001));
  CHECK(second.options.epochs == 40);
  CHECK(second.images == StageImages::balanced);
  CHECK(second.objective.needs_stage_start());
  CHECK((second.balancing == Balancing::per_class));
  MethodOptions released;
  set_option(released, "--as-released", true);
  const Stage as_released = stages_of(make_method("eeil", released), options, last_task_of({2, 2}, true))[1];
  CHECK((as_released.balancing == Balancing::in_total));
  CHECK_FALSE(as_released.objective.needs_stage_start());
}

TEST_CASE("EEIL's second round goes on where the first ended, at a lower rate") {
  const Finished run = finish(tiny_options_for("eeil"));
  CHECK(stages_reported(run) == Names{"train", "balanced finetuning"});
  CHECK(run.result.epochs.back().lr == doctest::Approx(0.05 * 0.01));
  ExperimentOptions o = tiny_options_for("eeil");
  set_option(o.method_options, "--finetuning-epochs", 0);
  CHECK(distance(run.states[1], finish(o).states[1]) > 1e-7);
  o.memory = {};
  CHECK(stages_reported(finish(o)) == Names{"train"});
}

TEST_CASE("gradient noise repeats with the seed and changes every task") {
  ExperimentOptions o = tiny_options_for("eeil");
  const Finished quiet = finish(o);
  set_option(o.method_options, "--gradient-noise", true);
  const Finished noisy = finish(o);
  CHECK(distance(quiet.states[0], noisy.states[0]) > 1e-3);
  CHECK(changed(noisy.states[1], finish(o).states[1]).empty());
}

}  // namespace
}  // namespace mneme::test
