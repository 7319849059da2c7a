#include "incremental/protocol/metrics.h"

#include "engine/base/error.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace mneme;
using doctest::Approx;

namespace {

// The worked example: forgetting of 10, 5 and 5 points.
const AccuracyMatrix example({{.80}, {.70, .90}, {.75, .85, .60}});

void check_values(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(expected[i]).epsilon(1e-12));
}

}  // namespace

TEST_CASE("average incremental accuracy of 80, 70 and 60 percent is 70") {
  CHECK(mean_over_steps(std::vector{.80, .70, .60}) == Approx(.70).epsilon(1e-12));
  CHECK(mean_over_steps_without_base(std::vector{.80, .70, .60}) == Approx(.65).epsilon(1e-12));
}

TEST_CASE("the class-weighted average of 80, 70 and 60 percent over 50, 60 and 70 classes is 68.888") {
  // Task sizes 50, 10, 10: (50 * 80 + 60 * 70 + 70 * 60) / 180 = 12400 / 180.
  const double average =
      mean_over_steps_weighted_by_classes_seen(std::vector{.80, .70, .60}, std::vector{50., 10., 10.});
  CHECK(average == Approx(124.0 / 180.0).epsilon(1e-12));
}

TEST_CASE("Abar counts every entry of the triangle once and differs from the mean of row means") {
  CHECK(mean_over_all_entries(example) == Approx(4.60 / 6).epsilon(1e-12));  // .7667
  check_values(mean_over_tasks_per_step(example), {.80, .80, 2.20 / 3});
  CHECK(mean_over_steps(mean_over_tasks_per_step(example)) == Approx((1.60 + 2.20 / 3) / 3).epsilon(1e-12));
}

TEST_CASE("forgetting is the best earlier accuracy minus the present one") {
  const Triangle f = forgetting(example);
  REQUIRE(f.size() == 3);
  CHECK(f[0].empty());
  check_values(f[1], {.10});
  check_values(f[2], {.05, .05});
  CHECK(mean_forgetting_over_all_entries(example) == Approx(.20 / 3).epsilon(1e-12));  // .0667
}

TEST_CASE("the best earlier accuracy may lie several steps back") {
  const Triangle f = forgetting(AccuracyMatrix({{.5}, {.9, .5}, {.2, .5, .5}, {.3, .5, .5, .5}}));
  check_values(f[1], {-.4});
  check_values(f[2], {.7, 0});
  check_values(f[3], {.6, 0, 0});
}

TEST_CASE("clipped forgetting counts an improvement as zero, true forgetting subtracts it") {
  const AccuracyMatrix improving({{.50}, {.70, .90}, {.60, .80, .70}});  // f = -.20, .10, .10
  CHECK(mean_forgetting_over_all_entries(improving) == Approx(0).epsilon(1e-12));
  CHECK(mean_clipped_forgetting_over_all_entries(improving) == Approx(.20 / 3).epsilon(1e-12));
}

TEST_CASE("mean forgetting per step starts undefined and then averages rows") {
  const std::vector<double> means = mean_forgetting_per_step(example);
  CHECK(std::isnan(means[0]));
  CHECK(means[1] == Approx(.10).epsilon(1e-12));
  CHECK(means[2] == Approx(.05).epsilon(1e-12));
}

TEST_CASE("accuracy per step weighs tasks by their size") {
  // Task sizes 50, 10, 10: (50 * .7 + 10 * .9) / 60 and (50 * .75 + 10 * .85 + 10 * .6) / 70.
  check_values(weighted_accuracy_per_step(example, std::vector{50., 10., 10.}), {.80, 44.0 / 60, 52.0 / 70});
}

TEST_CASE("equal task sizes make weighted and plain means agree") {
  check_values(weighted_accuracy_per_step(example, std::vector{10., 10., 10.}), mean_over_tasks_per_step(example));
}

TEST_CASE("final base accuracy is the first entry of the last row") { CHECK(final_base_accuracy(example) == .75); }

TEST_CASE("a published curve gives the published Abar") {
  // "Rethinking softmax", CIFAR-100, 5 tasks of 20, LwF: row means 68.2 67.9 67.5 65.0 63.0, table entry 0.654. Rows
  // filled with their own mean have the same Abar: sum_t (t+1) mean_t / 15.
  AccuracyMatrix lwf;
  for (double row_mean : {.682, .679, .675, .650, .630})
    lwf.add_row(std::vector<double>(static_cast<std::size_t>(lwf.steps() + 1), row_mean));
  CHECK(std::abs(mean_over_all_entries(lwf) - .654) < .001);
  CHECK(std::abs(mean_over_steps(mean_over_tasks_per_step(lwf)) - .663) < .001);
}

TEST_CASE("averages of nothing are undefined, not zero") {
  const AccuracyMatrix none, one(Triangle{{.8}});
  CHECK(std::isnan(mean_over_all_entries(none)));
  CHECK(std::isnan(final_base_accuracy(none)));
  CHECK(std::isnan(mean_over_steps({})));
  CHECK(std::isnan(mean_over_steps_without_base({})));
  CHECK(std::isnan(mean_over_steps_without_base(std::vector{.8})));
  CHECK(std::isnan(mean_forgetting_over_all_entries(one)));
  CHECK(std::isnan(mean_clipped_forgetting_over_all_entries(one)));
}

TEST_CASE("an accuracy matrix refuses rows of the wrong length and values that are no fraction") {
  AccuracyMatrix a(Triangle{{.8}});
  CHECK_THROWS_AS(a.add_row({.5}), Error);
  CHECK_THROWS_AS(a.add_row({.5, .5, .5}), Error);
  CHECK_THROWS_AS(a.add_row({.5, 50.0}), Error);
  CHECK_THROWS_AS(a.add_row({.5, -.1}), Error);
  CHECK_THROWS_AS(a.add_row({.5, std::nan("")}), Error);
  CHECK(a.steps() == 1);
}

TEST_CASE("weights that are missing or not positive are refused") {
  CHECK_THROWS_AS(weighted_accuracy_per_step(example, std::vector{10., 10.}), Error);
  CHECK_THROWS_AS(weighted_accuracy_per_step(example, std::vector{10., 0., 10.}), Error);
  CHECK_THROWS_AS(mean_over_steps_weighted_by_classes_seen(std::vector{.5, .5}, std::vector{10.}), Error);
}

TEST_CASE("a confusion matrix counts, and its diagonal is the accuracy") {
  ConfusionMatrix confusion(3);
  CHECK(std::isnan(confusion.accuracy()));
  confusion.add(0, 0, 3);
  confusion.add(0, 2);
  confusion.add(1, 1, 2);
  confusion.add(2, 1, 2);
  CHECK(confusion.count(0, 2) == 1);
  CHECK(confusion.total_of(0) == 4);
  CHECK(confusion.total() == 8);
  CHECK(confusion.accuracy() == Approx(5.0 / 8).epsilon(1e-12));
  confusion.add(1, 0, 0);
  CHECK(confusion.counts() == ConfusionMatrix::Counts{{{0, 0}, 3}, {{0, 2}, 1}, {{1, 1}, 2}, {{2, 1}, 2}});
  CHECK_THROWS_AS(confusion.add(3, 0), Error);
  CHECK_THROWS_AS(confusion.add(0, -1), Error);
}

TEST_CASE("prediction shares show the bias towards the newest task") {
  // Tasks {0, 1} and {2}: 4 of 6 images are of old classes, but 3 of 6 predictions are the new class.
  ConfusionMatrix confusion(3);
  confusion.add(0, 0, 2);
  confusion.add(1, 2, 2);
  confusion.add(2, 2, 1);
  confusion.add(2, 0, 1);
  const TaskShares shares = shares_per_task(confusion, std::vector{2, 1});
  check_values(shares.predicted, {3.0 / 6, 3.0 / 6});
  check_values(shares.true_images, {4.0 / 6, 2.0 / 6});
  CHECK_THROWS_AS(shares_per_task(confusion, std::vector{2, 2}), Error);
}

TEST_CASE("backward transfer is what became of each task since it was learned; the last task has no later one") {
  // .75 - .80 and .85 - .90
  CHECK(backward_transfer(example) == Approx(-.05).epsilon(1e-12));
  CHECK(learning_accuracy(example) == Approx((.80 + .90 + .60) / 3).epsilon(1e-12));
  check_values(diagonal(example), {.80, .90, .60});
  CHECK(std::isnan(backward_transfer(AccuracyMatrix(Triangle{{.80}}))));
  // Since its best it lost 40 points, since it was learned it gained 10.
  const AccuracyMatrix up_and_down({{.5}, {1, .5}, {.6, .5, .5}});
  CHECK(backward_transfer(up_and_down) == Approx(.05).epsilon(1e-12));
  CHECK(mean_forgetting_per_step(up_and_down).back() == Approx(.2).epsilon(1e-12));
}

TEST_CASE("intransigence is what a reference learned better, and unknown without one") {
  CHECK(intransigence(example, std::vector{.80, .95, .80}) == Approx(.25 / 3).epsilon(1e-12));
  CHECK(intransigence(example, std::vector{.70, .80, .50, .10}) == Approx(-.10).epsilon(1e-12));
  CHECK(std::isnan(intransigence(example, std::vector{.80, .95})));
}

TEST_CASE("old classes are weighted by their images, and the first task has none") {
  const std::vector<OldAndNew> steps = old_and_new_per_step(example, std::vector{30., 10., 10.});
  REQUIRE(steps.size() == 3);
  CHECK(std::isnan(steps[0].old_classes));
  CHECK(steps[0].new_classes == .80);
  CHECK(steps[2].old_classes == Approx((3 * .75 + .85) / 4).epsilon(1e-12));
  CHECK(steps[2].new_classes == .60);
}

TEST_CASE("the accuracy of a class is the share of its images on the diagonal") {
  ConfusionMatrix confusion(3);
  confusion.add(0, 0, 3);
  confusion.add(0, 2, 1);
  confusion.add(2, 1, 5);
  const std::vector<double> accuracies = confusion.class_accuracies();
  CHECK(accuracies[0] == .75);
  CHECK(std::isnan(accuracies[1]));
  CHECK(accuracies[2] == 0);
}
