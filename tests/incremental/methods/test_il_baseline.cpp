// Tests of IL-Baseline: distillation weighted by the share of old classes, balanced softmax, and a learned alpha.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/primitives.h"
#include "tests/incremental/methods/method_runs.h"

namespace mneme::test {
namespace {

TEST_CASE("with equal counts balanced softmax trains like softmax") {
  // Keeps every training image, so that old and new classes have equally many.
  const Finished plain = finish(with_memory("il-baseline", 6)),
                 balanced = finish(with_memory("il-baseline-balanced", 6));
  REQUIRE(plain.step_losses.size() == 2 + 4);
  CHECK(plain.step_losses == balanced.step_losses);
  const Finished few = finish(with_memory("il-baseline", 1)),
                 few_balanced = finish(with_memory("il-baseline-balanced", 1));
  CHECK(std::abs(few.step_losses.back() - few_balanced.step_losses.back()) > 1e-2);
}

TEST_CASE("IL-Baseline's loss weighs T squared KD by the share of old classes, cross-entropy by that of the new") {
  for (const bool balanced : {false, true}) {
    ExperimentOptions o = with_memory(balanced ? "il-baseline-balanced" : "il-baseline", 2);
    o.scenario.base_classes = 3;  // rho = 3/4
    set_option(o.method_options, "--alpha", 0.5);
    const FirstStep step = first_step(o);
    CHECK(step.counts == std::vector<int64_t>{2, 2, 2, 6});
    const Tensor old = slice_columns(step.logits, 0, 3);
    const Tensor weights = Tensor::from(std::vector<double>{std::log(1), std::log(1), std::log(1), std::log(6)}, {4},
                                        step.logits.options());
    const double prediction =
        (balanced ? balanced_cross_entropy(step.logits, step.labels, weights) : cross_entropy(step.logits, step.labels))
            .item();
    CHECK(step.loss == doctest::Approx(0.25 * prediction + 0.75 * 4 * distillation(old, old, 2).item()).epsilon(1e-5));
  }
}

/// The alpha that a line of metrics.jsonl tells; none if it tells none.
std::optional<double> alpha_of(const EpochRecord& epoch) {
  for (const auto& [name, value] : epoch.numbers)
    if (name == "alpha") return value;
  return {};
}

TEST_CASE("a run learns alpha from the second task on, and says so after every epoch") {
  const Finished run = finish(tiny_options_for("il-baseline-meta"));
  for (const EpochRecord& epoch : run.result.epochs) CHECK(alpha_of(epoch).has_value() == (epoch.task > 0));
  CHECK(alpha_of(run.result.epochs.back()).value() != 1);
}

TEST_CASE("alpha moves by Adam at 0.01 unless told otherwise, and by plain steps at 1 with sgd") {
  const auto first_alpha = [](const char* optimizer, const char* rate) {
    ExperimentOptions o = tiny_options_for("il-baseline-meta");
    if (*optimizer) set_option(o.method_options, "--alpha-optimizer", optimizer);
    if (*rate) set_option(o.method_options, "--alpha-lr", rate);
    // The task has fewer steps than the period, so alpha moves once.
    return alpha_of(finish(o).result.epochs.back()).value();
  };
  const double moved = first_alpha("", "");
  CHECK(std::abs(moved - 1) == doctest::Approx(0.01).epsilon(1e-3).scale(0));
  CHECK(first_alpha("adam", "0.01") == moved);
  CHECK(std::abs(first_alpha("adam", "0.1") - 1) == doctest::Approx(0.1).epsilon(1e-3).scale(0));
  const double plain = first_alpha("sgd", "");
  CHECK(plain == first_alpha("sgd", "1"));
  CHECK(first_alpha("sgd", "0.5") - 1 == doctest::Approx(0.5 * (plain - 1)));
  CHECK(plain != moved);
}

}  // namespace
}  // namespace mneme::test
