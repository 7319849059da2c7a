// Prediction rules, against calculations by hand.

#include <doctest/doctest.h>

#include <cmath>

#include "incremental/protocol/evaluate.h"
#include "incremental/protocol/task_end.h"
#include "tests/incremental/training/one_layer.h"

namespace mneme::test {
namespace {

using Floats = std::vector<float>;

void end_task(PredictionRule& rule, OneLayerWorld& world, const Subset& trained_on, const Subset& exemplars,
              const Augmentation& augmentation = {}) {
  const TaskContext task = world.context();
  const DeviceImages images = world.images();
  rule.end_task(
      {world.net, task, images, world.subsets[static_cast<size_t>(task.task)], trained_on, exemplars, augmentation});
}

Subset both(const OneLayerWorld& world) {
  Subset subset = world.subsets[0];
  subset.append(world.subsets[1]);
  return subset;
}

size_t largest(const ClassScores& scores) {
  return static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

std::vector<double> unit(const Floats& v) {
  double squares = 0;
  for (const float x : v) squares += double{x} * x;
  std::vector<double> out;
  for (const float x : v) out.push_back(x / std::sqrt(squares));
  return out;
}

TEST_CASE("the nearest mean is that of the directions of a class's exemplars, whatever the length of the feature") {
  OneLayerWorld world(2);
  world.add_classes();
  world.add_classes();
  const RulePointer rule = nearest_mean();
  rule->on_classes_added(world.net);
  CHECK(rule->needs_features());
  Subset exemplars;  // two exemplars of class 0, one of each other class
  exemplars.append({{0, 2, 1, 6, 7}, {0, 0, 1, 2, 3}});
  end_task(*rule, world, both(world), exemplars);

  const ImageOutputs given = collect_outputs(world.net, world.images(), exemplars.images, true);
  std::vector<double> sum = unit(given.features[0]);
  const std::vector<double> second = unit(given.features[1]);
  for (size_t d = 0; d < 4; ++d) sum[d] += second[d];
  const std::vector<double> mean = unit(Floats(sum.begin(), sum.end()));
  for (const float length : {1.0f, 50.0f}) {
    Floats f = given.features[2];  // the only exemplar of class 1
    for (float& x : f) x *= length;
    const ClassScores scores = rule->among_all({given.logits[2], f}, {2, 2});
    REQUIRE(scores.size() == 4);
    CHECK(largest(scores) == 1);
    CHECK(scores[1] == doctest::Approx(0).scale(1e-6));
    double squares = 0;
    for (size_t d = 0; d < 4; ++d) squares += std::pow(unit(f)[d] - mean[d], 2);
    CHECK(scores[0] == doctest::Approx(-squares).epsilon(1e-5));
    CHECK(rule->inside_task({given.logits[2], f}) == scores);
  }
}

/// The tensor of this name in the rule's state.
Values statistic_of(PredictionRule& rule, const std::string& name) {
  for (const auto& [at, tensor] : named_state(rule))
    if (at == name) return tensor.values();
  return {};
}

TEST_CASE("means can be of all images trained on, and keep the length that they have") {
  OneLayerWorld world(2);
  world.add_classes();
  world.add_classes();
  const RulePointer rule = nearest_mean({.of_all_images = true, .directions = false});
  rule->on_classes_added(world.net);
  end_task(*rule, world, both(world), {});
  const ImageOutputs given = collect_outputs(world.net, world.images(), both(world).images, true);
  std::vector<double> mean(4, 0.0);
  for (const size_t i : {1, 3, 5})  // class 1
    for (size_t d = 0; d < 4; ++d) mean[d] += unit(given.features[i])[d] / 3;
  const Values means = statistic_of(*rule, "means");
  for (size_t d = 0; d < 4; ++d) CHECK(means[4 + d] == doctest::Approx(mean[d]).epsilon(1e-6));
  const Floats f = given.features[0];
  double squares = 0;
  for (size_t d = 0; d < 4; ++d) squares += std::pow(unit(f)[d] - mean[d], 2);
  CHECK(rule->among_all({given.logits[0], f}, {2, 2})[1] == doctest::Approx(-squares).epsilon(1e-5));
}

TEST_CASE("statistics can be of images as they are trained on, drawn anew for every task and the same when repeated") {
  const auto statistics = [](double brightness, bool augmented) {
    OneLayerWorld world(1);
    world.add_classes();
    std::vector<Values> all;
    for (const RulePointer& rule : {nearest_mean({.of_all_images = true, .augmented = augmented, .directions = false}),
                                    rectified_scores({.augmented = augmented})}) {
      rule->on_classes_added(world.net);
      end_task(*rule, world, world.subsets[0], {}, {.brightness = brightness});
      all.push_back(statistic_of(*rule, "means"));
      all.push_back(statistic_of(*rule, "first"));
    }
    return all;
  };
  const std::vector<Values> plain = statistics(0, false);
  CHECK(statistics(0, true) == plain);
  CHECK(statistics(.9, false) == plain);
  CHECK(statistics(.9, true) == statistics(.9, true));
  CHECK(statistics(.9, true)[0] != plain[0]);
  CHECK(statistics(.9, true)[3] != plain[3]);
}

TEST_CASE("without exemplars the nearest mean is the largest logit") {
  OneLayerWorld world(1);
  world.add_classes();
  const RulePointer rule = nearest_mean();
  rule->on_classes_added(world.net);
  end_task(*rule, world, world.subsets[0], {});
  CHECK(rule->among_all({Floats{1, 3}, Floats{1, 2, 3, 4}}, {2}) == ClassScores{1, 3});
}

TEST_CASE("means survive where a rule lists its state, and grow with the classes") {
  OneLayerWorld world(2);
  world.add_classes();
  const RulePointer rule = nearest_mean();
  rule->on_classes_added(world.net);
  end_task(*rule, world, world.subsets[0], world.subsets[0]);
  const auto state = named_state(*rule);
  REQUIRE(state.size() == 1);
  CHECK(state[0].second.shape() == Shape{2, 4});
  const RulePointer other = nearest_mean();
  other->on_classes_added(world.net);
  load_state(*other, state);
  const Floats logits = {0, 0}, features = {0.1f, 0.7f, 0.2f, 0.4f};
  CHECK(other->among_all({logits, features}, {2}) == rule->among_all({logits, features}, {2}));
  world.add_classes();
  rule->on_classes_added(world.net);
  CHECK(named_state(*rule)[0].second.shape() == Shape{4, 4});
}

/// A rule for the tasks {0, 1} and {2} with these statistics.
RulePointer rectified(bool of_logits) {
  const RulePointer rule = rectified_scores({.of_logits = of_logits});
  rule->each_state("", [](const std::string& name, Tensor& tensor, StateKind) {
    if (name == "first") tensor = f64({3}, {0.8, 0.6, 0.9});
    if (name == "now") tensor = f64({3}, {0.2, 0.3, 0.9});
    if (name == "confidence") tensor = f64({2}, {0.5, 0.75});
  });
  return rule;
}

TEST_CASE("old scores are raised where a new class would win, and only there") {
  const RulePointer rule = rectified(true);
  // Class 2 has the largest score. The old scores are multiplied by (first / now) (0.75 / 0.5), which is 6 and 3.
  const ClassScores raised = rule->among_all({Floats{0.3f, 0.5f, 1.6f}, {}}, {2, 1});
  CHECK(raised[0] == doctest::Approx(1.8));
  CHECK(raised[1] == doctest::Approx(1.5));
  CHECK(raised[2] == doctest::Approx(1.6));
  CHECK(largest(raised) == 0);
  CHECK(rule->among_all({Floats{0.3f, 1.7f, 1.6f}, {}}, {2, 1}) == ClassScores{0.3f, 1.7f, 1.6f});
  CHECK(rule->inside_task({Floats{0.3f, 0.5f, 1.6f}, {}}) == ClassScores{0.3f, 0.5f, 1.6f});
}

TEST_CASE("rectified probabilities stay positive where logits are not") {
  const ClassScores scores = rectified(false)->among_all({Floats{-3, -2, -1}, {}}, {2, 1});
  const double total = std::exp(-3) + std::exp(-2) + std::exp(-1);
  CHECK(scores[0] == doctest::Approx(6 * std::exp(-3) / total).epsilon(1e-6));
  CHECK(scores[1] == doctest::Approx(3 * std::exp(-2) / total).epsilon(1e-6));
  CHECK(scores[2] == doctest::Approx(std::exp(-1) / total).epsilon(1e-6));
}

TEST_CASE("the statistics of rectification: own scores when new and now, the best scores of new images") {
  OneLayerWorld world(2);
  const RulePointer rule = rectified_scores({.of_logits = true});
  world.add_classes();
  rule->on_classes_added(world.net);
  end_task(*rule, world, world.subsets[0], {});
  const ImageOutputs first = collect_outputs(world.net, world.images(), world.subsets[0].images, false);
  double own = 0, best = 0;
  for (size_t i = 0; i < 6; ++i) {
    if (world.subsets[0].labels[i] == 1) own += first.logits[i][1] / 3;
    best += std::max(first.logits[i][0], first.logits[i][1]) / 6;
  }
  const auto statistic = [&](const std::string& name) {
    for (const auto& [at, tensor] : named_state(*rule))
      if (at == name) return tensor.values();
    return Values{};
  };
  CHECK(statistic("first")[1] == doctest::Approx(own).epsilon(1e-6));
  CHECK(statistic("confidence")[0] == doctest::Approx(best).epsilon(1e-6));

  world.add_classes();
  rule->on_classes_added(world.net);
  CHECK(statistic("first")[1] == doctest::Approx(own).epsilon(1e-6));  // kept when classes are added
  Subset trained_on = world.subsets[1];
  trained_on.append({{1}, {1}});  // one exemplar of class 1, none of class 0
  end_task(*rule, world, trained_on, {});
  const ImageOutputs now = collect_outputs(world.net, world.images(), std::vector<int>{1}, false);
  CHECK(statistic("now")[1] == doctest::Approx(now.logits[0][1]).epsilon(1e-6));
  CHECK(statistic("first")[1] == doctest::Approx(own).epsilon(1e-6));
  CHECK(statistic("now")[0] == 0);
  for (const float score : rule->among_all({Floats{0.1f, 0.2f, 0.3f, 9}, {}}, {2, 2})) CHECK(std::isfinite(score));
}

TEST_CASE("rules have names") {
  for (const char* name : {"logits", "multi-softmax", "nearest-mean"}) CHECK(rule_named(name)->name() == name);
  CHECK_THROWS_WITH_AS((void)rule_named("nearest_mean"), doctest::Contains("did you mean 'nearest-mean'?"), UsageError);
}

}  // namespace
}  // namespace mneme::test
