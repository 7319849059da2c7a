// The terms of the loss by name, and the numbers that methods have of their own.

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "incremental/method/stage.h"
#include "incremental/report/results/key_numbers.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

double sum_of(const NamedNumbers& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0, [](double sum, const auto& n) { return sum + n.second; });
}

/// The epochs of the second task.
std::vector<EpochRecord> later_epochs(const ExperimentOptions& options) {
  std::vector<EpochRecord> later;
  for (const EpochRecord& epoch : finish(options).result.epochs)
    if (epoch.task == 1) later.push_back(epoch);
  return later;
}

TEST_CASE("the terms of the loss add up to the loss in every epoch of every stage, for every method") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = tiny_options_for(method.name);
    o.train.warmup_epochs = 1;
    for (const EpochRecord& epoch : finish(o).result.epochs) {
      CAPTURE(epoch.stage);
      REQUIRE_FALSE(epoch.terms.empty());
      CHECK(sum_of(epoch.terms) == doctest::Approx(epoch.loss).epsilon(1e-5));
      REQUIRE(epoch.gradient_norm.has_value());
      CHECK(*epoch.gradient_norm > 0);
    }
  }
}

TEST_CASE("no two terms of a stage have one name, so that none hides another") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    const ExperimentOptions o = tiny_options_for(method.name);
    TaskContext later;
    later.task = 1;
    later.task_sizes = {2, 2};
    later.has_exemplars = true;
    for (const Stage& stage : stages_of(method_for(o), o.train, later)) {
      std::vector<std::string> names = stage.objective.active_terms(later);
      for (const NamedRegulariser& r : stage.objective.regularisers) names.push_back(r.name);
      std::ranges::sort(names);
      CHECK(std::ranges::adjacent_find(names) == names.end());
    }
  }
}

TEST_CASE("a weight in front of a term multiplies its share, and a penalty has a share of its own") {
  ExperimentOptions o = tiny_options("lwf");
  set_option(o.method_options, "--lambda", 1);
  const double once = later_epochs(o)[0].terms.at("joint distillation");
  o.train.learning_rate = 1e-12;  // so that both runs see the same network
  const double still = later_epochs(o)[0].terms.at("joint distillation");
  set_option(o.method_options, "--lambda", 4);
  CHECK(later_epochs(o)[0].terms.at("joint distillation") == doctest::Approx(4 * still).epsilon(1e-4));
  CHECK(once > 0);
  ExperimentOptions held = tiny_options("ewc");
  held.train.epochs = 2;
  CHECK(later_epochs(held).back().terms.at("importance") > 0);
}

TEST_CASE("rho, lambda_t and alpha are told by the names that papers give them") {
  const ExperimentOptions baseline = tiny_options_for("il-baseline");
  CHECK(later_epochs(baseline)[0].numbers.at("rho") == doctest::Approx(0.5));  // two old classes of four
  ExperimentOptions lucir = tiny_options_for("lucir");
  set_option(lucir.method_options, "--lambda", 3);
  const NamedNumbers of_lucir = later_epochs(lucir)[0].numbers;
  CHECK(of_lucir.at("lambda_t of less-forget distillation") == doctest::Approx(3));  // sqrt(2 / 2) times lambda
  CHECK(of_lucir.at("scale") != 0);
  CHECK(later_epochs(tiny_options_for("il-baseline-meta"))[0].numbers.contains("alpha"));
  const std::vector<EpochRecord> bic = later_epochs(tiny_options_for("bic"));
  CHECK(bic.back().stage == "bias correction");
  CHECK(bic.back().numbers.contains("correction alpha"));
  CHECK(bic.back().terms.contains("beta"));
}

TEST_CASE("the validation loss that the patience schedule decides by stands in metrics.jsonl") {
  ExperimentOptions o = tiny_options("lwf");
  o.train.schedule = ScheduleKind::patience;
  for (const EpochRecord& epoch : finish(o).result.epochs) {
    const nlohmann::json line = as_json(epoch);
    CHECK(line["validation_loss"].get<double>() > 0);
    CHECK(line["gradient_norm"].get<double>() > 0);
    CHECK(line["terms"].contains("cross-entropy"));
    CHECK(as_json(epoch_record(line)) == line);
  }
  o.train.schedule = ScheduleKind::steps;
  o.scenario.validation_fraction = 0;
  CHECK_FALSE(as_json(finish(o).result.epochs[0]).contains("validation_loss"));
}

TEST_CASE("the gradient's norm is that before clipping") {
  ExperimentOptions o = tiny_options("finetuning");
  o.train.batch_size = 1000;  // one step an epoch
  const double free_norm = *finish(o).result.epochs[0].gradient_norm;
  o.train.clip_norm = free_norm / 10;
  CHECK(*finish(o).result.epochs[0].gradient_norm == doctest::Approx(free_norm));
}

}  // namespace
}  // namespace mneme::test
