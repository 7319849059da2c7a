// Tests of BiC: the stage that corrects the bias, and its effect on the network.

#include <doctest/doctest.h>

#include "incremental/method/stage.h"
#include "incremental/methods/registry.h"
#include "incremental/training/replay_buffer.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"
#include "tests/incremental/training/one_layer.h"

namespace mneme::test {
namespace {

TEST_CASE("BiC then learns the newest correction and nothing else, on images held out for it") {
  const Stage stage = stages_of(make_method("bic", {}), {}, last_task_of({2, 2}, true)).at(1);
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

TEST_CASE("BiC's correction adds 0.1 beta^2 / 2 to its loss, and nothing of alpha") {
  OneLayerWorld world(2);
  IncrementalNet net(std::make_unique<OneLayer>(), std::make_unique<CorrectedHeads>(4));
  for (int task = 0; task < 2; ++task) net.add_classes(2, world.factory);
  CorrectedHeads& heads = static_cast<CorrectedHeads&>(*net.classifier);
  heads.alpha[1].copy_from(Tensor::full({1}, 3, world.factory.options()));
  heads.beta[1].copy_from(Tensor::full({1}, -2, world.factory.options()));
  const TaskContext task = last_task_of({2, 2}, true);
  const Stage stage = stages_of(make_method("bic", {}), {}, task).at(1);
  ParameterBlock block(net, [&](const std::string& name) { return stage.trainable_parts(net.part_of(name)); });
  REQUIRE(block.names() == Names{"correction.1.alpha", "correction.1.beta"});
  REQUIRE(stage.objective.regularisers.size() == 1);
  Regulariser& penalty = *stage.objective.regularisers[0].regulariser;
  penalty.begin_stage(task, block);
  CHECK(penalty.penalty(block).item() == near(0.1 * 4 / 2));
  block.clear_gradients();
  penalty.add_gradient(block);
  CHECK(block.gradients().values()[0] == 0);
  CHECK(block.gradients().values()[1] == near(0.1 * -2));
  CHECK(stage.options.sgd.momentum == 0.9);
  CHECK(stage.options.sgd.weight_decay == 0);
}

/// What a method holds out in the second of two tasks of two classes, 100 images each, with 60 exemplars.
Subset held_out_by(const char* name) {
  Scenario scenario;
  scenario.order = {0, 1, 2, 3};
  scenario.classes_per_task = {2, 2};
  scenario.tasks_to_run = 2;
  scenario.train.resize(2);
  scenario.validation.resize(2);
  for (int i = 0; i < 400; ++i) scenario.train[static_cast<size_t>(i % 4 / 2)].append({{i}, {i % 4}});
  const Method method = make_method(name, {});
  ReplayBuffer memory(scenario, method,
                      {.memory = {MemoryBudget::Kind::per_class, 30, false}, .selection = Selection::first});
  memory.update(0);
  return memory.held_out(1);
}

TEST_CASE(
    "BiC holds a tenth of each class's exemplars out; in SS-IL's suite a tenth of the memory and as many new images") {
  const auto of_class = [](const Subset& subset, int label) { return of_classes(subset, label, label + 1).images; };
  const Subset for_good = held_out_by("bic"), for_the_task = held_out_by("bic-ss-il");
  for (int k = 0; k < 4; ++k) {
    CHECK(of_class(for_good, k).size() == 3);
    CHECK(of_class(for_the_task, k).size() == 3);
  }
  CHECK(of_class(for_the_task, 0) == std::vector<int>{108, 112, 116});  // the last three of thirty exemplars
  CHECK(of_class(for_the_task, 3) == std::vector<int>{391, 395, 399});  // the last three of a hundred images
}

TEST_CASE("BiC corrects the newest logits by a line of their own and leaves earlier lines alone") {
  ExperimentOptions o = tiny_options_for("bic");
  o.scenario.tasks = 3;
  const Finished run = finish(o, tiny_data(6, 8, 2));
  const auto number = [&](int task, const char* name) { return run.states[static_cast<size_t>(task)].at(name)[0]; };
  CHECK(number(0, "correction.0.alpha") == 1);
  CHECK(number(0, "correction.0.beta") == 0);
  CHECK(number(1, "correction.1.alpha") != 1);
  CHECK(number(1, "correction.1.beta") != 0);
  CHECK(number(2, "correction.1.alpha") == number(1, "correction.1.alpha"));
  CHECK(number(2, "correction.1.beta") == number(1, "correction.1.beta"));
  CHECK(number(2, "correction.0.alpha") == 1);
  CHECK(number(2, "correction.2.alpha") != 1);
  CHECK(stages_reported(run) == Names{"train", "bias correction", "train", "bias correction"});
}

TEST_CASE("BiC's bias correction leaves the network as the main round left it") {
  ExperimentOptions o = tiny_options_for("bic");
  const Finished with = finish(o);
  set_option(o.method_options, "--bias-epochs", 0);
  const Finished without = finish(o);
  CHECK(changed(without.states[1], with.states[1]) == Names{"correction.1.alpha", "correction.1.beta"});
}

}  // namespace
}  // namespace mneme::test
