// Tests of SS-IL, and of the methods that its paper compares with, as that comparison runs them. Numbers:
// docs/methods/properties.md#separated-softmax-and-ss-il.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/safetensors.h"
#include "incremental/losses/primitives.h"
#include "incremental/methods/registry.h"
#include "tests/incremental/losses/loss_table.h"
#include "tests/incremental/task_contexts.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

Tensor rows_of(const std::vector<double>& values, int64_t columns) {
  return f64({std::ssize(values) / columns, columns}, values);
}

/// The context of the last of these tasks. It has exemplars if there are earlier tasks.
TaskContext task_of(const std::vector<int>& sizes) { return last_task_of(sizes, sizes.size() > 1); }

struct Loss {
  double value = 0;
  std::vector<double> gradient;
};

/// The complete loss of a method for these logits.
Loss loss_of(const char* name, const TaskContext& task, const Tensor& logits, const Tensor& teacher,
             const std::vector<int>& labels, const MethodOptions& options = {}) {
  const Method method = make_method(name, options);
  NetOutput student, old;
  student.scores.logits = logits.clone();
  student.scores.logits.requires_grad();
  old.scores.logits = teacher;
  const Tensor y = Tensor::from(labels, {static_cast<int64_t>(labels.size())}, Device::reference);
  method.begin_task(task);
  const Tensor loss = method.loss({student, &old, y, task});
  backward(loss);
  return {loss.item(), student.scores.logits.grad().values()};
}

TEST_CASE(
    "SS-IL: learning its label, a new image gives every old logit a gradient of exactly 0, and an old one new ones "
    "(16)") {
  const TaskContext task = task_of({2, 1, 2});
  const std::vector<double> z = {1, 0, -1, .5, 2, .3, -2, .1, 4, 0};
  const Tensor teacher = rows_of({1, 0, -1, .3, -2, .1}, 3);
  MethodOptions learning_alone;
  set_option(learning_alone, "--lambda", 0);
  const Loss loss = loss_of("ss-il", task, rows_of(z, 5), teacher, {4, 1}, learning_alone);
  for (const size_t k : {0, 1, 2}) CHECK(loss.gradient[k] == 0.0);
  for (const size_t k : {8, 9}) CHECK(loss.gradient[k] == 0.0);
  CHECK(loss.gradient[3] > 0);
  CHECK(loss.gradient[5] > 0);
}

TEST_CASE("SS-IL: new images alone, the old model agreeing, are the newest head's cross-entropy (17)") {
  const Tensor z = rows_of({1, 0, -1, .5, .2, .3, 2, 1}, 4),
               local = Tensor::from(std::vector{1, 0}, {2}, Device::reference);
  const Loss loss = loss_of("ss-il", task_of({2, 2}), z, slice_columns(z, 0, 2), {3, 2});
  CHECK(loss.value == doctest::Approx(cross_entropy(slice_columns(z, 2, 4), local).item()).epsilon(1e-12));
}

TEST_CASE("SS-IL: a batch twice over has the same loss (18)") {
  const TaskContext task = task_of({2, 1, 2});
  std::vector<double> z = drawn_values("z", 20, Draw::any), zh = drawn_values("zh", 12, Draw::any);
  const Loss once = loss_of("ss-il", task, rows_of(z, 5), rows_of(zh, 3), {4, 1, 3, 0});
  z.insert(z.end(), z.begin(), z.begin() + 20);
  zh.insert(zh.end(), zh.begin(), zh.begin() + 12);
  const Loss twice = loss_of("ss-il", task, rows_of(z, 5), rows_of(zh, 3), {4, 1, 3, 0, 4, 1, 3, 0});
  CHECK(twice.value == doctest::Approx(once.value).epsilon(1e-12));
}

TEST_CASE("SS-IL: with one old task its distillation is the divergence over all old classes (19)") {
  const TaskContext task = task_of({3, 1});
  const Tensor z = rows_of({1, 0, -1, 7}, 4), zh = rows_of({.5, .2, -.3}, 3);
  // The cross-entropy of a single new class is zero.
  const Loss loss = loss_of("ss-il", task, z, zh, {3});
  CHECK(loss.value == doctest::Approx(.1182825641).epsilon(1e-9));
  const std::vector<double> expected = {.2227680, -.0657334, -.1570346, 0};
  for (size_t k = 0; k < 4; ++k) CHECK(std::abs(loss.gradient[k] - expected[k]) < 6e-8);
}

TEST_CASE("SS-IL: the distillation is summed over old tasks, not averaged") {
  const Tensor z = rows_of({1, 0, -1, 1, 0, -1, 7}, 7), zh = rows_of({.5, .2, -.3, .5, .2, -.3}, 6);
  CHECK(loss_of("ss-il", task_of({3, 3, 1}), z, zh, {6}).value == doctest::Approx(2 * .1182825641).epsilon(1e-9));
}

TEST_CASE(
    "SS-IL: every batch has exactly so many new images and exemplars; the first task's have new ones alone (20)") {
  ExperimentOptions o = tiny_options_for("ss-il");
  set_option(o.method_options, "--replay-batch", 3);
  o.train.batch_size = 5;
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  Experiment experiment(o, data);
  RunFolder folder(scratch / "run");
  std::vector<int64_t> done;
  ExperimentCallbacks callbacks;
  callbacks.training.on_step = [&](const StepReport& step) { done.push_back(step.images_done); };
  experiment.run(folder, callbacks);
  CHECK(done == std::vector<int64_t>{5, 10, 12, 8, 16});
}

std::vector<Stage> stages(const char* method, const TrainOptions& train, const MethodOptions& options = {}) {
  return stages_of(make_method(method, options), train, task_of({2, 2}));
}

TEST_CASE("the suite's methods expect exemplars, and ask the old model where they distil") {
  for (const std::string name :
       {"ss-il", "ft-ss-il", "il2m-ss-il", "eeil-ss-il", "bic-ss-il", "icarl-ss-il", "lucir-ss-il", "podnet-ss-il"}) {
    CAPTURE(name);
    const Method method = make_method(name, {});
    CHECK((method.exemplars == ExemplarNeed::required));
    CHECK(method.needs_teacher() == (name != "ft-ss-il" && name != "il2m-ss-il"));
  }
}

TEST_CASE(
    "EEIL in the suite: thirty of forty epochs on exactly balanced images, the rate dropping at the same epochs") {
  TrainOptions train;
  train.epochs = 40;
  train.milestones = {.25, .5, .75};
  const Stage stage = stages("eeil-ss-il", train).at(1);
  CHECK(stage.options.epochs == 30);
  CHECK(stage.options.learning_rate == doctest::Approx(.01));
  const std::unique_ptr<Schedule> schedule = make_schedule(stage.options);
  for (int epoch = 0; epoch < 29; ++epoch)
    CHECK(schedule->after_epoch(epoch, 0).learning_rate == doctest::Approx(epoch < 9    ? .01
                                                                           : epoch < 19 ? .001
                                                                                        : .0001));
  CHECK((stage.balancing == Balancing::smallest));
  CHECK((stage.chosen_by == Selection::first));
  REQUIRE(stage.objective.distillation.size() == 1);
  CHECK(stage.objective.needs_stage_start());
  CHECK_FALSE(stage.objective.needs_teacher());
  CHECK(stage.trainable_parts(Part::backbone));
}

TEST_CASE("BiC in the suite: the correction learns twice as long at 0.001, plainly, on augmented images") {
  TrainOptions train;
  train.epochs = 100;
  train.milestones = {.3, .6, .9};
  const Stage stage = stages("bic-ss-il", train).at(1);
  CHECK(stage.options.epochs == 200);
  CHECK(stage.options.learning_rate == .001);
  CHECK(stage.options.milestones == train.milestones);  // the rate falls at the epochs 60, 120 and 180
  CHECK(stage.options.sgd.momentum == 0);
  CHECK(stage.options.sgd.weight_decay == 0);
  CHECK(stage.options.augmentation.crop == Crop::pad_crop);
  CHECK(stage.objective.regularisers.empty());
  CHECK_FALSE(stage.batch_statistics);
  CHECK(stage.trainable_parts(Part::correction));
  CHECK_FALSE(stage.trainable_parts(Part::new_classes));
}

TEST_CASE("BiC in the suite: only the newest logits are corrected, and the first task's never") {
  ExperimentOptions o = tiny_options_for("bic-ss-il");
  o.scenario.tasks = 3;
  o.train.epochs = 4;
  const Finished run = finish(o, tiny_data(6, 8, 2));
  const auto number = [&](int task, const char* name) { return run.states[static_cast<size_t>(task)].at(name)[0]; };
  CHECK(number(0, "correction.0.alpha") == 1);
  CHECK(number(1, "correction.1.alpha") != 1);
  CHECK(number(1, "correction.1.beta") != 0);
  CHECK(number(2, "correction.1.alpha") == 1);
  CHECK(number(2, "correction.1.beta") == 0);
  CHECK(number(2, "correction.2.alpha") != 1);
}

TEST_CASE("LUCIR in the suite: weight 10 that grows, new weights imprinted, and no second round") {
  const Method method = make_method("lucir-ss-il", {});
  CHECK(method.imprints);
  CHECK_FALSE(method.imprints_augmented);
  REQUIRE(method.distillation.size() == 1);
  CHECK(method.distillation[0].weight == 10);
  CHECK((method.distillation[0].growth == old_per_new));
  CHECK(method.later_stages.empty());
}

TEST_CASE("PODNet in the suite: weights 8 and twice 10 that do not grow, and a plain second round") {
  const Method method = make_method("podnet-ss-il", {});
  CHECK(method.imprints_augmented);
  CHECK_FALSE(method.network.signed_blocks);
  CHECK(method.network.signed_maps);
  REQUIRE(method.distillation.size() == 2);
  CHECK(method.distillation[0].weight == 8);
  CHECK(method.distillation[1].weight == 20);
  for (const WeightedTerm& term : method.distillation) CHECK((term.growth == nullptr));
  TrainOptions train;
  train.sgd = {.momentum = .9, .weight_decay = 1e-4};
  const Stage stage = stages("podnet-ss-il", train).at(1);
  CHECK(stage.options.epochs == 20);
  CHECK(stage.options.learning_rate == .01);
  CHECK(stage.options.sgd.momentum == 0);
  CHECK(stage.options.sgd.weight_decay == 1e-4);
  CHECK((stage.options.schedule == ScheduleKind::constant));
  CHECK(stage.batch_statistics);
  CHECK((stage.balancing == Balancing::smallest));
  CHECK(stage.trainable_parts(Part::old_classes));
  CHECK_FALSE(stage.trainable_parts(Part::scale));
  CHECK_FALSE(stage.trainable_parts(Part::backbone));
}

TEST_CASE("PODNet in the suite: the scale is 1 when a task begins, and the task moves it") {
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  Experiment experiment(tiny_options_for("podnet-ss-il"), data);
  RunFolder folder(scratch / "run");
  std::vector<float> before, after;
  ExperimentCallbacks callbacks;
  const auto scale = [&] { return state_of(experiment.net()).at("scale")[0]; };
  callbacks.on_task_start = [&](int, const TaskContext&, const Subset&) { before.push_back(scale()); };
  callbacks.on_task_end = [&](int, const EvaluationResult&, const RunResult&) { after.push_back(scale()); };
  experiment.run(folder, callbacks);
  CHECK(before == std::vector<float>{1, 1});
  for (const float s : after) CHECK(s != 1);
}

TEST_CASE("IL2M in the suite trains as its finetuning does, and predicts by what augmented images say") {
  const Finished finetuning = finish(tiny_options_for("ft-ss-il"));
  ExperimentOptions o = tiny_options_for("il2m-ss-il");
  const Finished il2m = finish(o);
  CHECK(changed(finetuning.states[1], il2m.states[1]).empty());
  CHECK(il2m.result.settings["prediction_rule"] == "rectified");
  CHECK(changed(finish(tiny_options_for("finetuning")).states[1], finetuning.states[1]).empty());
}

TEST_CASE("each of the suite's methods goes its own way in the second task") {
  std::vector<Finished> runs;
  for (const char* method : {"ss-il", "ft-ss-il", "eeil-ss-il", "icarl-ss-il", "eeil", "icarl"}) {
    ExperimentOptions o = tiny_options_for(method);
    o.train.epochs = 2;
    runs.push_back(finish(o));
  }
  for (size_t i = 0; i < runs.size(); ++i)
    for (size_t k = 0; k < i; ++k)
      if (i != 3 || k != 2) CHECK(distance(runs[i].states[1], runs[k].states[1]) > 1e-7);
}

/// Two tasks of two epochs of two steps, with weight decay and momentum that goes on from task to task.
ExperimentOptions as_released(const std::string& method, double weight_decay) {
  ExperimentOptions o = tiny_options_for(method);
  set_option(o.method_options, "--as-released", true);
  o.train.epochs = 2;
  o.train.keep_momentum = true;
  o.train.sgd = {.momentum = 0.9, .weight_decay = weight_decay};
  return o;
}

TEST_CASE("as released, weights of later classes are there from the start, and only weight decay moves them") {
  const Finished resting = finish(as_released("ft-ss-il", 0)), shrinking = finish(as_released("ft-ss-il", 0.1));
  // theta <- theta - lr v, v <- 0.9 v + 0.1 theta, four steps: every weight is multiplied by the same factor.
  double factor = 1, velocity = 0;
  for (int step = 0; step < 4; ++step) {
    velocity = 0.9 * velocity + 0.1 * factor;
    factor -= 0.05 * velocity;
  }
  for (const char* name : {"heads.1.weight", "heads.1.bias"}) {
    const std::vector<float>&drawn = resting.states[0].at(name), &shrunk = shrinking.states[0].at(name);
    REQUIRE(drawn.size() == shrunk.size());
    for (size_t i = 0; i < drawn.size(); ++i)
      CHECK(shrunk[i] == doctest::Approx(factor * drawn[i]).epsilon(1e-5).scale(1e-6));
  }
}

TEST_CASE("as released and without weight decay, the suite's linear methods train as they do by default") {
  for (const char* method : {"ss-il", "ft-ss-il", "il2m-ss-il", "eeil-ss-il", "bic-ss-il", "icarl-ss-il"}) {
    CAPTURE(method);
    const ExperimentOptions released = as_released(method, 0);
    ExperimentOptions usual = released;
    set_option(usual.method_options, "--as-released", false);
    const Finished theirs = finish(released), ours = finish(usual);
    CHECK(changed(theirs.states[1], ours.states[1]).empty());
    CHECK(theirs.step_losses == ours.step_losses);
    CHECK(theirs.result.settings["network"]["whole_head"] == true);
    CHECK_FALSE(ours.result.settings["network"].contains("whole_head"));
  }
}

TEST_CASE("as released, a task's stages with all weights shrink those that wait, and a correction does not") {
  MethodOptions released;
  set_option(released, "--as-released", true);
  TrainOptions train;
  for (const char* method : {"ss-il", "ft-ss-il", "il2m-ss-il", "eeil-ss-il", "bic-ss-il", "icarl-ss-il"}) {
    CAPTURE(method);
    CHECK(stages(method, train, released).at(0).trainable_parts(Part::later_classes));
    CHECK_FALSE(stages(method, train).at(0).trainable_parts(Part::later_classes));
  }
  CHECK(stages("eeil-ss-il", train, released).at(1).trainable_parts(Part::later_classes));
  CHECK_FALSE(stages("bic-ss-il", train, released).at(1).trainable_parts(Part::later_classes));
}

TEST_CASE("as released, model files hold no weights of classes that are still to come, and no run begins from them") {
  const ScratchFolder scratch;
  ExperimentOptions o = as_released("ss-il", 0.1);
  o.save_models = true;
  REQUIRE(run_until(o, tiny_data(), scratch / "run", -1));
  std::vector<std::string> heads;
  for (const auto& [name, tensor] : read_safetensors(scratch / "run" / "models" / "task_01.safetensors").tensors)
    if (name.starts_with("heads.")) heads.push_back(name);
  CHECK(heads == std::vector<std::string>{"heads.0.weight", "heads.0.bias"});
  o.train.keep_momentum = false;
  o.first_task_from = scratch / "run";
  CHECK(refusal(o).find("leave out --first-task-from") != std::string::npos);
}

TEST_CASE("as released, LUCIR's margin trains the scale of the scores") {
  ExperimentOptions o = tiny_options_for("lucir-ss-il");
  const Finished usual = finish(o);
  set_option(o.method_options, "--as-released", true);
  const Finished released = finish(o);
  CHECK(changed(usual.states[0], released.states[0]).empty());
  CHECK(usual.states[1].at("scale") != released.states[1].at("scale"));
  set_option(o.method_options, "--margin-weight", 0);
  const Finished without = finish(o);
  set_option(o.method_options, "--as-released", false);
  CHECK(changed(without.states[1], finish(o).states[1]).empty());
}

TEST_CASE("without a memory the suite's methods say what they need") {
  const ResidentDataset data = tiny_data();
  CHECK_THROWS_WITH_AS(Experiment(tiny_options("ss-il"), data),
                       "ss-il needs exemplars: give --memory-per-class (20 is usual) or --memory-total", UsageError);
}

}  // namespace
}  // namespace mneme::test
