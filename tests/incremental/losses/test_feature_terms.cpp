// Less-forget, margin ranking, attention, and the binary terms of iCaRL and EEIL, against their formulas:
// docs/methods/lwm.md#attention-distillation, docs/methods/lucir.md#loss, docs/methods/icarl.md#loss,
// docs/methods/eeil.md#departures.

#include "incremental/losses/features.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "incremental/method/objective.h"
#include "tests/incremental/losses/loss_table.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

doctest::Approx near(double value) { return doctest::Approx(value).epsilon(1e-9).scale(1); }

Tensor drawn(const std::string& name, const Shape& shape) {
  return f64(shape, drawn_values(name, shape.elements(), Draw::any));
}

/// The context of the second of two tasks.
TaskContext two_tasks(int old_classes, int new_classes, bool has_exemplars = true) {
  TaskContext task;
  task.task = 1;
  task.task_sizes = {old_classes, new_classes};
  task.class_counts.assign(static_cast<size_t>(old_classes + new_classes), 10);
  task.has_exemplars = has_exemplars;
  task.tensor_options = f64_reference;
  return task;
}

TEST_CASE("less-forget by the book, and blind to the lengths of features") {
  const Tensor f = f64({2, 2}, {1, 2, 3, -1}), fh = f64({2, 2}, {2, 1, 3, 1});
  CHECK(cosine_distance(f, fh).item() == near(0.2));
  CHECK(cosine_distance(scale(f, 7), scale(fh, 0.01)).item() == near(0.2));
  CHECK(cosine_distance(f, f).item() == near(0));
  CHECK(cosine_distance(f, scale(f, -1)).item() == near(2));
}

TEST_CASE("margin ranking by the book") {
  const Tensor s = f64({2, 5}, {.3, .1, .2, .05, -.1, 0, .6, .4, .5, .45});
  CHECK(margin_ranking(s, i32({0, 1}), 2, 0.5, 2).item() == near(0.35));
}

TEST_CASE("margin ranking asks images of old classes alone, and is 0 with no gradient where there is none") {
  const Tensor s = f64({3, 4}, {.3, .1, .2, .25, 0, .6, .4, .5, .9, .8, -.5, .1});
  const double of_two = margin_ranking(s, i32({0, 1, 3}), 2, 0.5, 2).item();
  CHECK(of_two == near(((.5 - .3 + .25) + (.5 - .3 + .2) + (.5 - .6 + .5) + (.5 - .6 + .4)) / 4));
  Tensor leaf = s.clone();
  leaf.requires_grad();
  const Tensor none = margin_ranking(leaf, i32({2, 3, 3}), 2, 0.5, 2);
  CHECK(none.item() == 0);
  backward(none);
  CHECK(leaf.grad().values() == Values(12, 0.0));
}

TEST_CASE("where a task brings fewer classes than the margin looks at, it looks at those") {
  const Tensor s = f64({1, 3}, {.3, .1, .4});
  CHECK(margin_ranking(s, i32({0}), 2, 0.5, 2).item() == near(.5 - .3 + .4));
}

TEST_CASE("LUCIR's weight grows with the square root of old classes per new class") {
  CHECK(old_per_new(two_tasks(50, 10)) == near(std::sqrt(5.0)));
  CHECK(old_per_new(two_tasks(90, 10)) == near(3));
  Objective objective;
  objective.distillation = {{"LF", 2, less_forget(), old_per_new}};
  NetOutput s, t;
  s.features.pooled = row({1, 2});
  t.features.pooled = row({2, 1});
  const TaskContext task = two_tasks(8, 2);
  CHECK(objective.loss({s, &t, i32({0}), task}).item() == near(2 * 2 * (1 - 0.8)));
}

TEST_CASE("iCaRL's distillation by the book: a sum over old classes, with gradient (sig z - sig zh) / B") {
  const Values z = {1, -1, .5, 2}, zh = {0, -2, 1, 1};
  NetOutput s, t;
  Tensor leaf = f64({2, 2}, z);
  leaf.requires_grad();
  s.scores.logits = concat_columns({leaf, f64({2, 1}, {3, -3})});
  t.scores.logits = f64({2, 2}, zh);
  const Tensor loss = term_loss(*binary_distillation_of_all(), two_tasks(2, 1), s, &t, {});
  CHECK(loss.item() == doctest::Approx(1.2595424).epsilon(1e-7));
  backward(loss);
  const auto sig = [](double x) { return 1 / (1 + std::exp(-x)); };
  for (size_t i = 0; i < 4; ++i) CHECK(leaf.grad().values()[i] == near((sig(z[i]) - sig(zh[i])) / 2));
}

TEST_CASE("EEIL's released term by the book") {
  const Tensor z = f64({2, 2}, {1, -1, .5, 2}), zh = f64({2, 2}, {0, -2, 1, 1});
  CHECK(binary_distillation_of_softmax(z, zh, 2).item() == doctest::Approx(0.6720371).epsilon(1e-7));
}

TEST_CASE("the released first round of EEIL distils nothing in the second task, the second round one head") {
  const TaskContext task = two_tasks(2, 2);
  CHECK_FALSE(binary_softmax_distillation(2, 1)->active(task));
  CHECK(binary_softmax_distillation(2, 0)->active(task));
}

TEST_CASE("a softmax that has lost a class altogether keeps EEIL's released term finite") {
  const Tensor z = f64({1, 3}, {2000, -2000, 0}), zh = f64({1, 3}, {-2000, 2000, 0});
  CHECK(std::isfinite(binary_distillation_of_softmax(z, zh, 2).item()));
  CHECK(std::isfinite(binary_distillation_of_softmax(z.to(DType::f32), zh.to(DType::f32), 2).item()));
}

TEST_CASE("binary classification sees new classes alone, for which images of old classes are images of none") {
  NetOutput s;
  Tensor leaf = drawn("z", {2, 4});
  leaf.requires_grad();
  s.scores.logits = leaf;
  const Tensor loss = term_loss(*binary_classification(), two_tasks(2, 2), s, nullptr, i32({1, 3}));
  const Values z = leaf.values();
  const auto soft = [](double x) { return std::log1p(std::exp(x)); };
  CHECK(loss.item() == near((soft(z[2]) + soft(z[3]) + soft(z[6]) + soft(z[7]) - z[7]) / 2));
  backward(loss);
  for (const size_t old : {0u, 1u, 4u, 5u}) CHECK(leaf.grad().values()[old] == 0);
}

TEST_CASE("the newest head is distilled from the network as it was when the round began") {
  NetOutput s, before;
  s.scores.logits = drawn("z", {2, 4});
  before.scores.logits = drawn("before", {2, 4});
  const TermPointer term = newest_head_distillation({});
  CHECK(term->needs_stage_start());
  CHECK_FALSE(term->needs_teacher());
  const TaskContext task = two_tasks(2, 2);
  CHECK(term->loss({s, nullptr, i32({0, 1}), task, &before}).item() ==
        near(distillation(slice_columns(s.scores.logits, 2, 4), slice_columns(before.scores.logits, 2, 4), 2, 1e-5)
                 .item()));
}

TEST_CASE("double distillation: centred logits of the old model and of the specialist, per image or over the batch") {
  NetOutput s, old, specialist;
  s.scores.logits = f64({2, 3}, {1, 2, 3, 0, 1, -1});
  old.scores.logits = f64({2, 2}, {1, 3, 5, 1});
  specialist.scores.logits = f64({2, 3}, {9, 9, 4, 9, 9, 2});
  const TaskContext task = two_tasks(2, 1, false);
  const auto loss = [&](bool over_batch) {
    return double_distillation(over_batch)->loss({s, &old, i32({0, 0}), task, &specialist}).item();
  };
  // per image: (-1, 1 | 0), (2, -2 | 0); over the batch: (-2, 1 | 1), (2, -1 | -1)
  CHECK(loss(false) == near((4 + 1 + 9 + 4 + 9 + 1) / 6.0));
  CHECK(loss(true) == near((9 + 1 + 4 + 4 + 4 + 0) / 6.0));
}

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
  const double loss = term_loss(*attention_distillation(), two_tasks(2, 1), s, &t, {}).item();
  CHECK(loss == near(std::abs(.8 - .6) + std::abs(.6 - .8)));
}

TEST_CASE("attention is blind to the size of maps and to where they are negative") {
  const NetOutput s = looking_at({1, 1, 3, -4}, {0, 1, 5}, {1, 1}), t = looking_at({1, 1, 300, -1}, {0, 1});
  CHECK(term_loss(*attention_distillation(), two_tasks(2, 1), s, &t, {}).item() == near(0));
}

TEST_CASE("a map that is nowhere positive has no direction, and no gradient that is not a number") {
  NetOutput s = looking_at({1, 1, -3, -4}, {0, 1, 5}, {1, 1});
  const NetOutput t = looking_at({1, 1, 3, 4}, {0, 1});
  Tensor map = s.features.maps[0].clone();
  map.requires_grad();
  s.features.maps = {map};
  const Tensor loss = term_loss(*attention_distillation(), two_tasks(2, 1), s, &t, {});
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
  const Tensor loss = term_loss(*detached_attention(), two_tasks(2, 1), s, &t, {});
  // Student's maps: (2+3, 4+4, 0+1, 2+0) / 8. Teacher's maps: (1+0, 0+2, 2+2, 2+2) / 8.
  CHECK(loss.item() == near((4 + 6 + 3 + 2) / 8.0 / 2));
  CHECK_FALSE(loss.needs_grad());
}

TEST_CASE("terms of cosines say what they need") {
  NetOutput s, t;
  s.scores.logits = drawn("z", {1, 4});
  t.scores.logits = drawn("zh", {1, 2});
  const TaskContext task = two_tasks(2, 2);
  const Tensor labels = i32({0});
  CHECK_THROWS_WITH_AS((void)term_loss(*margin_ranking_term({}), task, s, &t, labels),
                       "margin ranking needs a cosine classifier", Error);
  CHECK_THROWS_WITH_AS((void)term_loss(*cosine_mimicking(), task, s, &t, labels),
                       "cosine mimicking needs a cosine classifier", Error);
  CHECK_THROWS_WITH_AS((void)term_loss(*current_cross_entropy_of_cosines(), task, s, &t, labels),
                       "cross-entropy of cosines needs a cosine classifier", Error);
}

TEST_CASE("LUCIR warms up on cosines of the newest head, whatever the scale") {
  NetOutput s;
  s.scores.cosines = row({.9, -.2, .3, .1});
  s.scores.logits = scale(s.scores.cosines, 40);
  const TaskContext task = two_tasks(2, 2, false);
  CHECK(term_loss(*current_cross_entropy_of_cosines(), task, s, nullptr, i32({3})).item() ==
        near(cross_entropy(row({.3, .1}), i32({1})).item()));
}

TEST_CASE("features, attention and margins act from the second task on") {
  TaskContext first = two_tasks(2, 2);
  first.task = 0;
  for (const TermPointer& term :
       {less_forget(), cosine_mimicking(), margin_ranking_term({}), attention_distillation(), detached_attention(),
        pod_spatial_term(), binary_feature_distillation(), binary_distillation_of_all(), double_distillation(false)})
    CHECK_FALSE(term->active(first));
  const TermPointer late = binary_prediction_term({.all_heads = true, .from_second_task = true}),
                    without = binary_prediction_term({.without_exemplars = true});
  CHECK_FALSE(late->active(first));
  CHECK(late->active(two_tasks(2, 2)));
  CHECK_FALSE(without->active(two_tasks(2, 2, true)));
  CHECK(without->active(two_tasks(2, 2, false)));
}

}  // namespace
}  // namespace mneme::test
