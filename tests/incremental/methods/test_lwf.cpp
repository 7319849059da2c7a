// Tests of runs of LwF and its variants with different softmax functions. The tests of their terms are in
// tests/incremental/losses/test_distill_terms.cpp.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/primitives.h"
#include "incremental/methods/registry.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

/// The mean over a head's classes of their weights and biases. It shifts all logits of the head alike.
std::vector<double> mean_of_head(const State& state, const std::string& head) {
  const std::vector<float>&weights = state.at(head + ".weight"), &biases = state.at(head + ".bias");
  const size_t classes = biases.size(), width = weights.size() / classes;
  std::vector<double> mean(width + 1);
  for (size_t c = 0; c < classes; ++c) {
    for (size_t i = 0; i < width; ++i) mean[i] += weights[c * width + i] / static_cast<double>(classes);
    mean[width] += biases[c] / static_cast<double>(classes);
  }
  return mean;
}

TEST_CASE("distillation leaves old heads alone, too, yet reaches the backbone through them") {
  const Finished lwf = finish(tiny_options("lwf")), finetuning = finish(tiny_options("finetuning"));
  CHECK(heads_among(changed(lwf.states[0], lwf.states[1])) ==
        std::vector<std::string>{"heads.1.bias", "heads.1.weight"});
  CHECK(changed(lwf.states[1], finetuning.states[1]).size() > 20);
}

TEST_CASE("softmax never learns a head's level: its mean stays as it was drawn, unless binary prediction moves it") {
  // The gradient of a softmax sums to zero over its classes. So this mean stays at its initial value, which is the same
  // for all methods with one seed.
  const auto second_task = [](const std::string& method, double rate) {
    ExperimentOptions o = tiny_options(method);
    o.train.epochs = 3;
    o.train.sgd.weight_decay = 0;
    o.train.learning_rate = rate;
    return finish(o).states[1];
  };
  const auto farthest = [](const auto& a, const auto& b) {
    double most = 0;
    for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
    return most;
  };
  const State drawn = second_task("lwf", 1e-9);
  for (const std::string method : {"lwf", "lwf-s", "lwf-sr", "lwf-br", "lwf-bsr", "lwf-br2"}) {
    const State learned = second_task(method, 0.05);
    for (const std::string head : {"heads.0", "heads.1"}) {
      CAPTURE(method);
      CAPTURE(head);
      CHECK(farthest(learned.at(head + ".weight"), drawn.at(head + ".weight")) > 1e-2);
      const double moved = farthest(mean_of_head(learned, head), mean_of_head(drawn, head));
      if (method == "lwf-br2")
        CHECK(moved > 1e-3);
      else
        CHECK(moved < 1e-6);
    }
  }
}

TEST_CASE("distillation of weight zero is finetuning") {
  ExperimentOptions o = tiny_options("lwf");
  set_option(o.method_options, "--lambda", 0);
  CHECK(distance(finish(o).states[1], finish(tiny_options("finetuning")).states[1]) < 1e-6);
}

TEST_CASE("with one old task LwF-S is LwF, and the variants that add a binary term are not") {
  const Finished lwf = finish(tiny_options("lwf"));
  CHECK(distance(lwf.states[1], finish(tiny_options("lwf-s")).states[1]) < 1e-6);
  for (const char* method : {"lwf-sr", "lwf-br", "lwf-br2", "lwf-bsr"})
    CHECK(distance(lwf.states[1], finish(tiny_options(method)).states[1]) > 1e-4);
}

TEST_CASE("LwF's loss is the new head's cross-entropy plus lambda times J, the old logits being the teacher's still") {
  ExperimentOptions o = tiny_options("lwf");
  set_option(o.method_options, "--lambda", 3);
  const FirstStep step = first_step(o);
  std::vector<int> local = step.labels.ints();
  for (int& label : local) label -= 2;
  const Tensor old = slice_columns(step.logits, 0, 2), labels = Tensor::from(local, step.labels.shape(), Device::cpu);
  const double expected =
      cross_entropy(slice_columns(step.logits, 2, 4), labels).item() + 3 * distillation(old, old, 2, 1e-5).item();
  CHECK(step.loss == doctest::Approx(expected).epsilon(1e-5));
}

TEST_CASE("the LwF family learns its first task by cross-entropy alone, and BR2 does not") {
  const TaskContext first = last_task_of({3}, false);
  for (const char* name :
       {"finetuning", "lwf", "lwf-s", "lwf-sr", "lwf-br", "lwf-bsr", "il-baseline", "il-baseline-balanced"})
    CHECK(make_method(name, {}).is_cross_entropy(first));
  CHECK_FALSE(make_method("lwf-br2", {}).is_cross_entropy(first));
}

}  // namespace
}  // namespace mneme::test
