// Feature terms of all methods: what they need, and in which tasks they act.

#include "incremental/losses/features.h"

#include <doctest/doctest.h>

#include "engine/autograd.h"
#include "engine/ops.h"
#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/incremental/losses/loss_table.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

TEST_CASE("terms of cosines say what they need") {
  NetOutput s, t;
  s.scores.logits = drawn_tensor("z", {1, 4});
  t.scores.logits = drawn_tensor("zh", {1, 2});
  const TaskContext task = last_task_of({2, 2}, true);
  const Tensor labels = i32({0});
  CHECK_THROWS_WITH_AS((void)term_loss(*margin_ranking_term({}), task, s, &t, labels),
                       "margin ranking needs a cosine classifier", Error);
  CHECK_THROWS_WITH_AS((void)term_loss(*cosine_mimicking(), task, s, &t, labels),
                       "cosine mimicking needs a cosine classifier", Error);
  CHECK_THROWS_WITH_AS((void)term_loss(*current_cross_entropy_of_cosines(), task, s, &t, labels),
                       "cross-entropy of cosines needs a cosine classifier", Error);
}

TEST_CASE("as SS-IL's suite released it, the margin ranking trains the scale; otherwise no scale matters to it") {
  const TaskContext task = last_task_of({2, 3}, true);
  const Tensor cosines = f64({2, 5}, {.3, .1, .2, .05, -.1, 0, .6, .4, .5, .45}), labels = i32({0, 1});
  const auto ranked = [&](bool trains_scale, double scale, Tensor& leaf) {
    NetOutput s;
    leaf = f64({1}, {scale});
    leaf.requires_grad();
    s.scores = {mul(cosines, leaf), cosines, {}, leaf};
    return term_loss(*margin_ranking_term({.trains_scale = trains_scale}), task, s, nullptr, labels);
  };
  Tensor leaf;
  CHECK_FALSE(ranked(false, 4, leaf).needs_grad());
  const Tensor loss = ranked(true, 4, leaf);
  CHECK(loss.item() == near(0.35));  // docs/methods/lucir.md#loss
  backward(loss);
  // All four hinges are open: the mean of s_k - s_y is -0.15, and cosines are scores over the scale's value.
  CHECK(leaf.grad().values()[0] == near((0.35 - 0.5) / 4));
}

TEST_CASE("features, attention and margins act from the second task on") {
  TaskContext first = last_task_of({2, 2}, true);
  first.task = 0;
  for (const TermPointer& term :
       {less_forget(), cosine_mimicking(), margin_ranking_term({}), attention_distillation(), detached_attention(),
        pod_spatial_term(), binary_feature_distillation(), binary_distillation_of_all(), double_distillation(false)})
    CHECK_FALSE(term->active(first));
  const TermPointer late = binary_prediction_term({.all_heads = true, .from_second_task = true}),
                    without = binary_prediction_term({.without_exemplars = true});
  CHECK_FALSE(late->active(first));
  CHECK(late->active(last_task_of({2, 2}, true)));
  CHECK_FALSE(without->active(last_task_of({2, 2}, true)));
  CHECK(without->active(last_task_of({2, 2}, false)));
}

TEST_CASE("POD-spatial is the mean over a network's maps, in both forms") {
  NetOutput s, t;
  double sum = 0, sum_apart = 0;
  for (const char* name : {"first", "second", "third"}) {
    const Tensor now = drawn_tensor(name, {2, 3, 4, 2}),
                 then = drawn_tensor(std::string(name) + " before", {2, 3, 4, 2});
    s.features.maps.push_back(now);
    t.features.maps.push_back(then);
    sum += pod_spatial(now, then).item();
    sum_apart += pod_spatial_apart(now, then).item();
  }
  const TaskContext task = last_task_of({2, 2}, true);
  CHECK(term_loss(*pod_spatial_term(), task, s, &t, i32({0, 1})).item() == near(sum / 3));
  CHECK(term_loss(*pod_spatial_term(true), task, s, &t, i32({0, 1})).item() == near(sum_apart / 3));
}

}  // namespace
}  // namespace mneme::test
