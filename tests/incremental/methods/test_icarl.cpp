// Tests of iCaRL: its binary terms (docs/methods/icarl.md#loss), and their effect on the network.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/incremental/losses/loss_table.h"
#include "tests/incremental/methods/method_runs.h"
#include "tests/incremental/task_contexts.h"

namespace mneme::test {
namespace {

TEST_CASE("iCaRL's distillation by the book: a sum over old classes, with gradient (sig z - sig zh) / B") {
  const Values z = {1, -1, .5, 2}, zh = {0, -2, 1, 1};
  NetOutput s, t;
  Tensor leaf = f64({2, 2}, z);
  leaf.requires_grad();
  s.scores.logits = concat_columns({leaf, f64({2, 1}, {3, -3})});
  t.scores.logits = f64({2, 2}, zh);
  const Tensor loss = term_loss(*binary_distillation_of_all(), last_task_of({2, 1}, true), s, &t, {});
  CHECK(loss.item() == doctest::Approx(1.2595424).epsilon(1e-7));
  backward(loss);
  const auto sig = [](double x) { return 1 / (1 + std::exp(-x)); };
  for (size_t i = 0; i < 4; ++i) CHECK(leaf.grad().values()[i] == near((sig(z[i]) - sig(zh[i])) / 2));
}

TEST_CASE("binary classification sees new classes alone, for which images of old classes are images of none") {
  NetOutput s;
  Tensor leaf = drawn_tensor("z", {2, 4});
  leaf.requires_grad();
  s.scores.logits = leaf;
  const Tensor loss = term_loss(*binary_classification(), last_task_of({2, 2}, true), s, nullptr, i32({1, 3}));
  const Values z = leaf.values();
  const auto soft = [](double x) { return std::log1p(std::exp(x)); };
  CHECK(loss.item() == near((soft(z[2]) + soft(z[3]) + soft(z[6]) + soft(z[7]) - z[7]) / 2));
  backward(loss);
  for (const size_t old : {0u, 1u, 4u, 5u}) CHECK(leaf.grad().values()[old] == 0);
}

TEST_CASE("iCaRL's released form learns by softmax") {
  ExperimentOptions o = tiny_options_for("icarl");
  const Finished ours = finish(o);
  set_option(o.method_options, "--as-released", true);
  const Finished released = finish(o);
  CHECK(distance(ours.states[0], released.states[0]) > 1e-3);
  CHECK(changed(finish(tiny_options("finetuning")).states[0], released.states[0]).empty());
}

}  // namespace
}  // namespace mneme::test
