// The steps of a learned alpha, compared with those of PyTorch's optimisers (tests/golden/make_learned_alpha.py).

#include "incremental/losses/meta_learned_term.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/base/error.h"
#include "tests/incremental/task_contexts.h"
#include "tests/support/formula.h"
#include "tests/support/golden.h"

namespace mneme::test {
namespace {

LearnedAlphaOptions options_of(const nlohmann::json& row) {
  LearnedAlphaOptions options{.lr = row["lr"]};
  if (row["optimizer"] == "sgd") options.adam.reset();
  return options;
}

TEST_CASE("alpha moves as a number does under PyTorch's Adam and SGD") {
  for (const nlohmann::json& row : golden_file("learned_alpha.json")["updates"]) {
    CAPTURE(row["optimizer"].get<std::string>());
    const TermPointer term = learned_balanced_softmax(options_of(row));
    MetaLearnedTerm& alpha = *term->meta_learned();
    alpha.begin_task(last_task_of({2, 2}, true));
    const std::vector<double> derivatives = drawn_values("alpha/derivatives", std::ssize(row["alphas"]), Draw::any);
    for (size_t step = 0; step < derivatives.size(); ++step) {
      alpha.learn(0.02 * derivatives[step]);
      CHECK(std::abs(alpha.number() - row["alphas"][step].get<double>()) < 1e-13);
    }
  }
}

TEST_CASE("Adam's first step is the learning rate, whatever the size of the derivative") {
  for (const double derivative : {1e-3, -2.0, 40.0}) {
    const TermPointer term = learned_balanced_softmax();
    MetaLearnedTerm& alpha = *term->meta_learned();
    alpha.begin_task(last_task_of({2, 2}, true));
    alpha.learn(derivative);
    CHECK(alpha.number() == doctest::Approx(derivative > 0 ? 0.99 : 1.01).epsilon(1e-6));
  }
}

TEST_CASE("a task begins with alpha 1 and without anything that Adam gathered in the task before") {
  const TermPointer term = learned_balanced_softmax();
  MetaLearnedTerm& alpha = *term->meta_learned();
  const auto first_steps = [&] {
    std::vector<double> numbers;
    alpha.begin_task(last_task_of({2, 2}, true));
    for (const double derivative : {1.0, -0.2, 0.5}) {
      alpha.learn(derivative);
      numbers.push_back(alpha.number());
    }
    return numbers;
  };
  const std::vector<double> once = first_steps();
  CHECK(first_steps() == once);
}

TEST_CASE("what Adam gathers belongs to alpha's state; plain steps gather nothing") {
  const auto names = [](const LearnedAlphaOptions& options) {
    std::vector<std::string> all;
    for (const auto& [name, tensor] : named_state(*learned_balanced_softmax(options))) all.push_back(name);
    return all;
  };
  CHECK(names({}) == std::vector<std::string>{"alpha", "exp_avg", "exp_avg_sq", "step"});
  CHECK(names({.adam = {}}) == std::vector<std::string>{"alpha"});
}

TEST_CASE("impossible constants of alpha are refused") {
  CHECK_THROWS_AS(learned_balanced_softmax({.lr = -1}), Error);
  CHECK_THROWS_AS(learned_balanced_softmax({.least = 0}), Error);
  CHECK_THROWS_AS(learned_balanced_softmax({.adam = AdamOptions{.beta1 = 1}}), Error);
  CHECK_THROWS_AS(learned_balanced_softmax({.adam = AdamOptions{.beta2 = -0.1}}), Error);
  CHECK_THROWS_AS(learned_balanced_softmax({.adam = AdamOptions{.eps = 0}}), Error);
}

}  // namespace
}  // namespace mneme::test
