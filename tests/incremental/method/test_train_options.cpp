// Tests of training options that depend on the position of the task.

#include "incremental/method/train_options.h"

#include <doctest/doctest.h>

#include "incremental/experiment/experiment.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

TEST_CASE("unless told otherwise every task trains alike, the first perhaps longer") {
  TrainOptions o;
  o.epochs = 30;
  CHECK(for_task(o, 0).epochs == 30);
  CHECK(for_task(o, 7).epochs == 30);
  CHECK(for_task(o, 7).learning_rate == o.learning_rate);
  CHECK(for_task(o, 7).milestones == o.milestones);
  o.base_epochs = 90;
  CHECK(for_task(o, 0).epochs == 90);
  CHECK(for_task(o, 1).epochs == 30);
}

TEST_CASE("the rate is divided by the task's number, counted from one") {
  TrainOptions o;
  o.learning_rate = .3;
  o.lr_by_task = true;
  CHECK(for_task(o, 0).learning_rate == .3);
  CHECK(for_task(o, 1).learning_rate == doctest::Approx(.15));
  CHECK(for_task(o, 9).learning_rate == doctest::Approx(.03));
}

/// The epochs, from 0, at which a lower learning rate starts.
std::vector<int> drops(const TrainOptions& o) {
  std::vector<int> at;
  const std::unique_ptr<Schedule> schedule = make_schedule(o);
  double rate = schedule->first_rate();
  for (int epoch = 0; epoch + 1 < o.epochs; ++epoch) {
    const double next = schedule->after_epoch(epoch, 0).learning_rate;
    if (next < rate) at.push_back(epoch + 1);
    rate = next;
  }
  return at;
}

TEST_CASE("the rate never drops before the first epoch and never twice at once, however few the epochs are") {
  TrainOptions o;  // milestones at 40, 60 and 80 %
  const auto drops_after = [&](int epochs) {
    o.epochs = epochs;
    CHECK(make_schedule(o)->first_rate() == o.learning_rate);
    CHECK(drops(o) == drops_of(o));
    return drops_of(o);
  };
  CHECK(drops_after(1) == std::vector<int>{});
  CHECK(drops_after(2) == std::vector{1});
  CHECK(drops_after(3) == std::vector{1, 2});
  CHECK(drops_after(4) == std::vector{2, 3});
  CHECK(drops_after(5) == std::vector{2, 3, 4});
  CHECK(drops_after(30) == std::vector{12, 18, 24});
  CHECK(drops_after(160) == std::vector{64, 96, 128});
  o.milestones = {.8, .4};
  CHECK(drops_after(10) == std::vector{4, 8});
}

TEST_CASE("a divisor shortens all later tasks alike, epochs and milestones as whole numbers rounded down") {
  TrainOptions o;
  o.epochs = 100;
  o.milestones = {.4, .8};
  o.later_divisor = 4;
  CHECK(drops(for_task(o, 0)) == std::vector{40, 80});
  for (const int task : {1, 2, 9}) {
    CHECK(for_task(o, task).epochs == 25);
    CHECK(drops(for_task(o, task)) == std::vector{10, 20});
  }
  o.later_divisor = 7;
  CHECK(for_task(o, 1).epochs == 14);
  CHECK(drops(for_task(o, 1)) == std::vector{5, 11});
  o.later_divisor = 1000;
  CHECK(for_task(o, 1).epochs == 1);
}

TEST_CASE("what means nothing is refused by the name of its flag") {
  ExperimentOptions o = tiny_options("lwf");
  o.train.later_divisor = 0;
  CHECK_THROWS_WITH_AS(check_ranges(o), "--later-divisor must be at least 1, got 0", UsageError);
  o = tiny_options("lwf");
  o.train.keep_momentum = true;
  CHECK_NOTHROW(check_ranges(o));
  o.train.sgd.momentum = 0;
  CHECK_THROWS_WITH_AS(check_ranges(o), "--keep-momentum keeps nothing at --momentum 0", UsageError);
  o = tiny_options("lwf");
  o.memory.shared_by = -1;
  CHECK_THROWS_WITH_AS(check_ranges(o), "--memory-shared-by must be at least 0, got -1", UsageError);
  o = tiny_options("lwf");
  o.gas.step = 1.5;
  CHECK_THROWS_WITH_AS(check_ranges(o), "--gas-step must lie in [0, 1], got 1.5", UsageError);
  o.gas = {.decay = 0};
  CHECK_THROWS_WITH_AS(check_ranges(o), "--gas-decay must be more than 0, got 0", UsageError);
  o.gas = {.epochs = -1};
  CHECK_THROWS_WITH_AS(check_ranges(o), "--gas-epochs must be at least 0, got -1", UsageError);
}

TEST_CASE("a first task that is taken over has no momentum to keep") {
  const ResidentDataset data = tiny_data();
  ExperimentOptions o = tiny_options("lwf");
  o.train.keep_momentum = true;
  o.first_task_from = "somewhere";
  CHECK_THROWS_WITH_AS(
      Experiment(o, data),
      "--keep-momentum needs the first task's momentum, which no run stores: leave out --first-task-from", UsageError);
}

TEST_CASE("what concerns later tasks alone does not tell first tasks apart") {
  const auto first_task = [](const std::function<void(TrainOptions&)>& change) {
    ExperimentOptions o = tiny_options("lwf");
    change(o.train);
    return finish(o).result.settings["first_task"];
  };
  const auto plain = first_task([](TrainOptions&) {});
  CHECK(first_task([](TrainOptions& t) { t.later_divisor = 3; }) == plain);
  CHECK(first_task([](TrainOptions& t) { t.lr_by_task = true; }) == plain);
  CHECK(first_task([](TrainOptions& t) { t.drop_last = true; }) != plain);
}

}  // namespace
}  // namespace mneme::test
