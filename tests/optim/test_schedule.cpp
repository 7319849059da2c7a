#include "optim/schedule.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "engine/base/error.h"

using namespace mneme;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// The learning rates of the first `epochs` epochs.
std::vector<double> rates(Schedule& schedule, int epochs) {
  std::vector<double> out = {schedule.first_rate()};
  for (int epoch = 0; epoch + 1 < epochs; ++epoch) {
    const ScheduleStep step = schedule.after_epoch(epoch, no_number);
    CHECK_FALSE(step.stop);
    CHECK_FALSE(step.return_to_best);
    out.push_back(step.learning_rate);
  }
  return out;
}

void check_near(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-12));
}

bool is(const ScheduleStep& step, double rate, bool improved, bool back, bool stop) {
  return std::abs(step.learning_rate / rate - 1) < 1e-12 && step.improved == improved && step.return_to_best == back &&
         step.stop == stop;
}

}  // namespace

TEST_CASE("a multi-step schedule drops at its milestones, the milestone being the first epoch with the lower rate") {
  check_near(rates(*multi_step_schedule(0.5, {2, 4}, 0.1), 6), {0.5, 0.5, 0.05, 0.05, 0.005, 0.005});
  check_near(rates(*multi_step_schedule(0.5, {}, 0.1), 3), {0.5, 0.5, 0.5});
  check_near(rates(*multi_step_schedule(1, {0, 1, 1}, 0.5), 3), {0.5, 0.125, 0.125});
}

TEST_CASE("the balanced-softmax protocol: 250 epochs, 0.1 divided by ten at 100, 150 and 200") {
  const std::vector<double> r = rates(*multi_step_schedule(0.1, {100, 150, 200}, 0.1), 250);
  for (size_t e = 0; e < 250; ++e)
    CHECK(r[e] == doctest::Approx(e < 100 ? 0.1 : e < 150 ? 0.01 : e < 200 ? 1e-3 : 1e-4).epsilon(1e-12));
}

TEST_CASE("a cosine schedule falls from the rate to nothing, half-way at half the epochs") {
  const std::vector<double> r = rates(*cosine_schedule(0.1, 160), 160);
  CHECK(r[0] == 0.1);
  CHECK(r[80] == doctest::Approx(0.05).epsilon(1e-12));
  CHECK(r[40] == doctest::Approx(0.05 * (1 + std::sqrt(0.5))).epsilon(1e-12));
  CHECK(r[159] == doctest::Approx(0.05 * (1 - std::cos(std::acos(-1.0) / 160))).epsilon(1e-9));
  for (size_t e = 1; e < 160; ++e) CHECK(r[e] < r[e - 1]);
}

TEST_CASE(
    "with PODNet's lag of one epoch, epochs 0 and 1 share the first rate and each later one has its predecessor's") {
  const std::vector<double> plain = rates(*cosine_schedule(0.1, 20), 20),
                            late = rates(*cosine_schedule(0.1, 20, 1), 20);
  CHECK(late[0] == plain[0]);
  for (size_t e = 1; e < 20; ++e) CHECK(late[e] == plain[e - 1]);
}

TEST_CASE("neither of them keeps the best model or looks at the validation loss") {
  for (const auto& schedule : {multi_step_schedule(0.1, {3}, 0.1), cosine_schedule(0.1, 9)}) {
    CHECK_FALSE(schedule->keeps_best());
    CHECK(schedule->after_epoch(0, 1.0).learning_rate == schedule->after_epoch(0, no_number).learning_rate);
    CHECK_FALSE(schedule->after_epoch(0, 1.0).improved);
  }
}

TEST_CASE("patience: a lower loss is kept and resets the count, an equal one is none") {
  const auto schedule = patience_schedule({.lr = 0.1, .factor = 4, .least = 1e-4, .patience = 2});
  CHECK(schedule->keeps_best());
  CHECK(schedule->first_rate() == 0.1);
  CHECK(is(schedule->after_epoch(0, 2.0), 0.1, true, false, false));
  CHECK(is(schedule->after_epoch(1, 2.0), 0.1, false, false, false));
  CHECK(is(schedule->after_epoch(2, 1.5), 0.1, true, false, false));
  CHECK(is(schedule->after_epoch(3, 1.6), 0.1, false, false, false));
  CHECK(is(schedule->after_epoch(4, 1.7), 0.025, false, true, false));  // returns to the model of epoch 2
  CHECK(is(schedule->after_epoch(5, 1.6), 0.025, false, false, false));
  CHECK(is(schedule->after_epoch(6, 1.4), 0.025, true, false, false));
}

TEST_CASE("patience: a loss that is no number is no improvement, not even the first") {
  const auto schedule = patience_schedule({.patience = 2});
  CHECK(is(schedule->after_epoch(0, no_number), 0.1, false, false, false));
  CHECK(is(schedule->after_epoch(1, no_number), 0.1 / 3, false, true, false));
  CHECK(is(schedule->after_epoch(2, 100), 0.1 / 3, true, false, false));
  CHECK(is(schedule->after_epoch(3, std::numeric_limits<double>::infinity()), 0.1 / 3, false, false, false));
}

TEST_CASE("patience: FACIL's defaults go through seven rates, five epochs each, and then stop at the best model") {
  const auto schedule = patience_schedule({});
  std::vector<double> used;
  double rate = schedule->first_rate();
  CHECK(is(schedule->after_epoch(0, 1.0), 0.1, true, false, false));
  for (int epoch = 1;; ++epoch) {
    REQUIRE(epoch < 100);
    used.push_back(rate);
    const ScheduleStep step = schedule->after_epoch(epoch, 1.0);
    CHECK(step.return_to_best == (epoch % 5 == 0));
    CHECK_FALSE(step.improved);
    rate = step.learning_rate;
    if (!step.stop) continue;
    CHECK(epoch == 35);
    break;
  }
  for (size_t e = 0; e < used.size(); ++e)
    CHECK(used[e] == doctest::Approx(0.1 / std::pow(3.0, static_cast<double>(e / 5))).epsilon(1e-9));
  CHECK(used.back() == doctest::Approx(1.37e-4).epsilon(2e-3));
}

TEST_CASE("patience: a least rate above the first ends the task at the first drop") {
  const auto schedule = patience_schedule({.lr = 0.1, .least = 0.2, .patience = 1});
  CHECK(is(schedule->after_epoch(0, 1.0), 0.1, true, false, false));
  const ScheduleStep last = schedule->after_epoch(1, 2.0);
  CHECK(last.stop);
  CHECK(last.return_to_best);
}

TEST_CASE("patience: the least rate itself is still trained with, and the first rate below it ends the task") {
  const auto schedule = patience_schedule({.lr = 1, .factor = 4, .least = 0.25, .patience = 1});
  CHECK(is(schedule->after_epoch(0, 1.0), 1, true, false, false));
  CHECK(is(schedule->after_epoch(1, 2.0), 0.25, false, true, false));
  CHECK(is(schedule->after_epoch(2, 0.5), 0.25, true, false, false));
  CHECK(is(schedule->after_epoch(3, 2.0), 0.0625, false, true, true));
}

TEST_CASE("patience: its saved state goes on with the same decisions, wherever it was saved") {
  const std::vector<double> losses = {3, no_number, 2.5, 2.6, 2.7, 2.4, 2.5, 2.5, 2.5};
  const PatienceOptions options{.lr = 0.1, .factor = 2, .least = 0.02, .patience = 2};
  for (size_t saved_after = 0; saved_after <= losses.size(); ++saved_after) {
    const auto whole = patience_schedule(options), resumed = patience_schedule(options);
    for (size_t e = 0; e < losses.size(); ++e) {
      if (e == saved_after) resumed->restore(whole->state());
      const ScheduleStep expected = whole->after_epoch(static_cast<int>(e), losses[e]);
      if (e >= saved_after)
        CHECK(is(resumed->after_epoch(static_cast<int>(e), losses[e]), expected.learning_rate, expected.improved,
                 expected.return_to_best, expected.stop));
    }
  }
}

TEST_CASE("a state of another schedule is refused") {
  CHECK(cosine_schedule(0.1, 9)->state().empty());
  CHECK_NOTHROW(cosine_schedule(0.1, 9)->restore({}));
  CHECK_THROWS_AS(cosine_schedule(0.1, 9)->restore({0.1}), Error);
  CHECK_THROWS_AS(patience_schedule({})->restore({}), Error);
}

TEST_CASE("rates, factors and lengths that make no sense are refused") {
  for (const double rate : {0.0, -0.1, no_number, std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(multi_step_schedule(rate, {}, 0.1), Error);
    CHECK_THROWS_AS(cosine_schedule(rate, 5), Error);
    CHECK_THROWS_AS(patience_schedule({.lr = rate}), Error);
  }
  CHECK_THROWS_AS(cosine_schedule(0.1, 0), Error);
  CHECK_THROWS_AS(patience_schedule({.factor = 1}), Error);
  CHECK_THROWS_AS(patience_schedule({.patience = 0}), Error);
}
