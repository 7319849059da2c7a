// Tests of LwM: its attention term (docs/methods/lwm.md#attention-distillation), and its effect on the network.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/incremental/losses/loss_table.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"
#include "tests/incremental/training/trainer_bench.h"

namespace mneme::test {
namespace {

/// The output for one image with a last map of 2 channels of 1x2 pixels, and weights of the classes 0, 1 | 2.
NetOutput looking_at(const Values& map, const Values& logits, const Values& new_weights = {}) {
  NetOutput out;
  out.features.maps = {f64({1, 2, 1, 2}, map)};
  out.scores.weights = {f64({2, 2}, {1, 0, 0, 2})};
  if (!new_weights.empty()) out.scores.weights.push_back(row(new_weights));
  out.scores.logits = row(logits);
  return out;
}

TEST_CASE("attention follows the old class the student finds likeliest, in both models") {
  // Class 1 is the likeliest old class. Its weights are (0, 2), so the maps are those of channel 1.
  const NetOutput s = looking_at({9, 9, 3, 4}, {0, 1, 5}, {1, 1}), t = looking_at({0, 7, 4, 3}, {8, 0});
  const double loss = term_loss(*attention_distillation(), last_task_of({2, 1}, true), s, &t, {}).item();
  CHECK(loss == near(std::abs(.8 - .6) + std::abs(.6 - .8)));
}

TEST_CASE("attention is blind to the size of maps and to where they are negative") {
  const NetOutput s = looking_at({1, 1, 3, -4}, {0, 1, 5}, {1, 1}), t = looking_at({1, 1, 300, -1}, {0, 1});
  CHECK(term_loss(*attention_distillation(), last_task_of({2, 1}, true), s, &t, {}).item() == near(0));
}

TEST_CASE("a map that is nowhere positive has no direction, and no gradient that is not a number") {
  NetOutput s = looking_at({1, 1, -3, -4}, {0, 1, 5}, {1, 1});
  const NetOutput t = looking_at({1, 1, 3, 4}, {0, 1});
  Tensor map = s.features.maps[0].clone();
  map.requires_grad();
  s.features.maps = {map};
  const Tensor loss = term_loss(*attention_distillation(), last_task_of({2, 1}, true), s, &t, {});
  CHECK(loss.item() == near(.6 + .8));
  backward(loss);
  for (const double g : map.grad().values()) CHECK(g == 0);
}

TEST_CASE("the reference's attention: one weight vector for the whole batch, no normalisation, no gradient") {
  // Student: classes 2 and 0 with weights (1, 1) and (1, 0), so the shared weights are (2, 1) / 4 / 2 pixels. Teacher:
  // classes 0 and 1, so they are (1, 2) / 8.
  NetOutput s, t;
  Tensor maps = f64({2, 2, 1, 2}, {1, 2, 3, 4, 0, 1, 1, 0});
  maps.requires_grad();
  s.features.maps = {maps};
  s.scores.weights = {f64({2, 2}, {1, 0, 0, 2}), row({1, 1})};
  s.scores.logits = f64({2, 3}, {0, 1, 5, 3, 2, 1});
  t.features.maps = {f64({2, 2, 1, 2}, {1, 0, 0, 1, 2, 2, 1, 1})};
  t.scores.weights = {f64({2, 2}, {1, 0, 0, 2})};
  t.scores.logits = f64({2, 2}, {1, 0, 0, 1});
  const Tensor loss = term_loss(*detached_attention(), last_task_of({2, 1}, true), s, &t, {});
  // Student's maps: (2+3, 4+4, 0+1, 2+0) / 8. Teacher's maps: (1+0, 0+2, 2+2, 2+2) / 8.
  CHECK(loss.item() == near((4 + 6 + 3 + 2) / 8.0 / 2));
  CHECK_FALSE(loss.needs_grad());
}

TEST_CASE("as released LwM trains as LwF whatever the attention weighs, and judges otherwise") {
  ExperimentOptions o = tiny_options("lwm");
  o.train.epochs = 2;
  set_option(o.method_options, "--as-released", true);
  ExperimentOptions lwf = o;
  lwf.method = "lwf";
  const Finished plain = finish(lwf), light = finish(o);
  set_option(o.method_options, "--attention-weight", 50);
  const Finished heavy = finish(o);
  CHECK(changed(plain.states[1], light.states[1]).empty());
  CHECK(changed(plain.states[1], heavy.states[1]).empty());
  CHECK(plain.step_losses == heavy.step_losses);
}

TEST_CASE("as released LwM validates in batches of the training's size, on which its attention depends") {
  TrainerBench together(make_method("lwm", {})), apart(make_method("lwm", {}));
  MethodOptions released;
  set_option(released, "--as-released", true);
  for (TrainerBench* bench : {&together, &apart}) {
    bench->method = make_method("lwm", released);
    CHECK(bench->method.validates_in_training_batches);
    bench->learn(0);
    const std::unique_ptr<IncrementalNet> old = bench->net.frozen_copy();
    // In training batches of 2 the two validation images of each class make two batches; together they make one.
    bench->options.batch_size = 2;
    bench->options.learning_rate = 1e-12;
    bench->method.validates_in_training_batches = bench == &apart;
    bench->learn(1, old.get());
  }
  CHECK(apart.steps.back().loss == together.steps.back().loss);
  CHECK(apart.epochs.back().validation_accuracy == together.epochs.back().validation_accuracy);
  CHECK(std::abs(apart.epochs.back().validation_loss - together.epochs.back().validation_loss) > 1e-6);
  CHECK_FALSE(make_method("lwm", {}).validates_in_training_batches);
}

TEST_CASE("LwM's attention moves what LwF leaves, and weighs nothing at weight zero") {
  ExperimentOptions o = tiny_options("lwm");
  const Finished lwf = finish(tiny_options("lwf")), lwm = finish(o);
  CHECK(distance(lwf.states[1], lwm.states[1]) > 1e-4);
  CHECK(changed(lwf.states[0], lwm.states[0]).empty());
  CHECK(without_backbone(changed(lwm.states[0], lwm.states[1])) == Names{"heads.1.bias", "heads.1.weight"});
  set_option(o.method_options, "--attention-weight", 0);
  CHECK(distance(lwf.states[1], finish(o).states[1]) < 1e-6);
}

}  // namespace
}  // namespace mneme::test
