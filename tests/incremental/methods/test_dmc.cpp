// Tests of DMC: double distillation, its two stages, and their effect on the network.

#include <doctest/doctest.h>

#include "incremental/losses/distill.h"
#include "incremental/method/stage.h"
#include "incremental/methods/registry.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

TEST_CASE("double distillation: centred logits of the old model and of the specialist, per image or over the batch") {
  NetOutput s, old, specialist;
  s.scores.logits = f64({2, 3}, {1, 2, 3, 0, 1, -1});
  old.scores.logits = f64({2, 2}, {1, 3, 5, 1});
  specialist.scores.logits = f64({2, 3}, {9, 9, 4, 9, 9, 2});
  const TaskContext task = last_task_of({2, 1}, false);
  const auto loss = [&](bool over_batch) {
    return double_distillation(over_batch)->loss({s, &old, i32({0, 0}), task, &specialist}).item();
  };
  // per image: (-1, 1 | 0), (2, -2 | 0); over the batch: (-2, 1 | 1), (2, -1 | -1)
  CHECK(loss(false) == near((4 + 1 + 9 + 4 + 9 + 1) / 6.0));
  CHECK(loss(true) == near((9 + 1 + 4 + 4 + 4 + 0) / 6.0));
}

TEST_CASE("DMC starts over twice: a specialist on the new images, then a student on others") {
  const Method method = make_method("dmc", {});
  CHECK_FALSE(stages_of(method, {}, last_task_of({2}, false))[0].starts_over);
  const std::vector<Stage> stages = stages_of(method, {}, last_task_of({2, 2}, false));
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

TEST_CASE("DMC's student learns from new weights on other images, and repeats with the seed") {
  ExperimentOptions o = tiny_options_for("dmc");
  const Finished run = finish(o);
  CHECK(stages_reported(run) == Names{"train", "consolidation"});
  CHECK(without_backbone(changed(run.states[0], run.states[1])).size() == 4);
  CHECK(changed(run.states[1], finish(o).states[1]).empty());
  set_option(o.method_options, "--as-released", true);
  CHECK(distance(run.states[1], finish(o).states[1]) > 1e-6);
}

/// The backbone's first convolution when each of the second task's two stages begins: its weights do not move at this
/// rate.
std::vector<std::vector<float>> first_weights_of_stages(bool as_released) {
  ExperimentOptions o = tiny_options_for("dmc");
  o.train.learning_rate = 1e-30;
  set_option(o.method_options, "--as-released", as_released);
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  Experiment experiment(o, data);
  RunFolder folder(scratch / "run");
  std::vector<std::vector<float>> weights;
  ExperimentCallbacks callbacks;
  callbacks.training.on_epoch = [&](const EpochReport& epoch) {
    if (epoch.task == 1) weights.push_back(state_of(experiment.net()).at("conv1.weight"));
  };
  experiment.run(folder, callbacks);
  return weights;
}

TEST_CASE("as released, DMC's student begins with the weights that the specialist began with") {
  const auto released = first_weights_of_stages(true), usual = first_weights_of_stages(false);
  REQUIRE(released.size() == 2);
  REQUIRE(usual.size() == 2);
  CHECK(released[0] == released[1]);
  CHECK(usual[0] != usual[1]);
  CHECK(usual[0] == released[0]);
}

}  // namespace
}  // namespace mneme::test
