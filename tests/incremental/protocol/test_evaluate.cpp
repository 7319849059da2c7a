#include "incremental/protocol/evaluate.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "data/batches/augment.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/formula.h"

namespace mneme::test {
namespace {

/// A network with two tasks of two classes whose logits are these constants for every image.
struct Constant {
  ResidentDataset data = tiny_data();
  Scenario scenario = make_scenario(data, tiny_options("lwf").scenario, 1);
  DeviceImages images{data.test, Device::cpu};
  Factory factory{1, Device::cpu};
  IncrementalNet net{std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, factory),
                     std::make_unique<LinearHeads>(64)};

  explicit Constant(const std::vector<double>& logits) {
    net.add_classes(2, factory);
    net.add_classes(2, factory);
    for (size_t t = 0; t < 2; ++t) {
      Linear& head = static_cast<LinearHeads&>(*net.classifier).heads[t];
      head.weight.copy_from(Tensor::zeros({2, 64}, factory.options()));
      head.bias.copy_from(Tensor::from(std::vector<double>{logits[2 * t], logits[2 * t + 1]}, {2}, factory.options()));
    }
  }
  EvaluationResult evaluation(const RulePointer& rule = largest_logit()) {
    return evaluate(net, images, scenario.test, *rule);
  }
};

TEST_CASE("task-aware accuracy asks within the image's own task, task-agnostic among all classes") {
  Constant c({1, 3, 2, 0});
  const EvaluationResult evaluation = c.evaluation();
  CHECK(evaluation.task_aware == std::vector<double>{0.5, 0.5});     // the predictions are class 1 and class 2
  CHECK(evaluation.task_agnostic == std::vector<double>{0.5, 0.0});  // the prediction is class 1
  for (const int truth : {0, 1, 2, 3}) CHECK(evaluation.confusion.count(truth, 1) == 3);
  CHECK(evaluation.confusion.total() == 12);
}

TEST_CASE("classes of later tasks take no task-aware answer, however high their logits are") {
  Constant c({1, 3, 20, 10});
  CHECK(c.evaluation().task_aware == std::vector<double>{0.5, 0.5});
  CHECK(c.evaluation().task_agnostic == std::vector<double>{0, 0.5});
  TaskContext task;
  task.task = 2;
  task.task_sizes = {2, 2, 2};
  const Tensor logits = Tensor::from(std::vector<double>{1, 3, 20, 10, 50, 40}, {1, 6}, {Device::cpu});
  for (const auto& [label, right] : std::map<int, int>{{0, 0}, {1, 1}, {2, 1}, {3, 0}, {4, 1}, {5, 0}})
    CHECK(correct_in_own_task(logits, {label}, task) == right);
}

TEST_CASE("a label is among the highest scores if fewer classes stand above it, the first of equals standing higher") {
  const std::vector<float> scores = {5, 1, 4, 4, 3, 2, 0};
  for (const auto& [label, rank] : std::map<int, int>{{0, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {1, 6}, {6, 7}})
    for (int count = 1; count <= 8; ++count) CHECK(is_among_highest(scores, label, count) == (rank <= count));
}

TEST_CASE("with one count a label among the highest is the prediction, ties included") {
  const std::vector<double> drawn = drawn_values("scores", 600, Draw::any);
  for (size_t row = 0; row < 100; ++row) {
    std::vector<float> scores;
    for (size_t c = 0; c < 6; ++c) scores.push_back(std::round(static_cast<float>(3 * drawn[6 * row + c])));
    const auto predicted = std::max_element(scores.begin(), scores.end()) - scores.begin();
    for (int label = 0; label < 6; ++label) CHECK(is_among_highest(scores, label, 1) == (label == predicted));
  }
}

TEST_CASE("top-5 accuracy counts labels among five of all classes, or all of them where there are no more") {
  Constant c({1, 3, 2, 0});
  CHECK(c.evaluation().top5 == std::vector<double>{1, 1});
  c.net.add_classes(3, c.factory);
  Subset third = c.scenario.test[0];
  for (size_t i = 0; i < third.size(); ++i) third.labels[i] = i % 2 ? 4 : 6;
  c.scenario.test.push_back(third);
  Linear& head = static_cast<LinearHeads&>(*c.net.classifier).heads[2];
  head.weight.copy_from(Tensor::zeros({3, 64}, c.factory.options()));
  head.bias.copy_from(Tensor::from(std::vector<double>{.5, 4, -1}, {3}, c.factory.options()));
  // The five highest scores are those of the classes 5, 1, 2, 0 and 4. Classes 3 and 6 are not among them.
  CHECK(c.evaluation().top5 == std::vector<double>{1, .5, .5});
}

TEST_CASE("mean logits are those of every class over all images, whatever rule predicts") {
  Constant c({1, 3, 2, 0});
  CHECK(c.evaluation().mean_logits == std::vector<double>{1, 3, 2, 0});
  CHECK(c.evaluation(multi_softmax()).mean_logits == std::vector<double>{1, 3, 2, 0});
  c.net.add_classes(1, c.factory);
  c.scenario.test.push_back(c.scenario.test[0]);
  const ImageOutputs given = collect_outputs(c.net, c.images, c.scenario.test[0].images, false);
  const ImageOutputs others = collect_outputs(c.net, c.images, c.scenario.test[1].images, false);
  double sum = 0;
  for (const auto& logits : given.logits) sum += 2 * logits[4];  // these images are in two subsets
  for (const auto& logits : others.logits) sum += logits[4];
  CHECK(c.evaluation().mean_logits[4] == doctest::Approx(sum / 18).epsilon(1e-6));
}

TEST_CASE("multi-softmax compares tasks by their own certainty and leaves task-aware answers alone") {
  Constant c({10, 9.9, 0, 5});
  const EvaluationResult logits = c.evaluation(), per_head = c.evaluation(multi_softmax());
  CHECK(logits.task_agnostic == std::vector<double>{0.5, 0.0});  // class 0 has the largest logit
  // Class 3 has the largest probability within its head.
  CHECK(per_head.task_agnostic == std::vector<double>{0.0, 0.5});
  CHECK(logits.task_aware == per_head.task_aware);
}

TEST_CASE("huge logits do not overflow multi-softmax") {
  Constant c({3e4, -3e4, -3e4, 3e4});
  // Of equal scores the first class is predicted.
  CHECK(c.evaluation(multi_softmax()).task_agnostic == std::vector<double>{0.5, 0.0});
}

TEST_CASE("answers are the network's logits and features in inference mode, in any batches") {
  Constant c({0, 0, 0, 0});
  c.net.add_classes(3, c.factory);
  const std::vector<int> chosen = {11, 0, 3, 3, 7};
  const ImageOutputs whole = collect_outputs(c.net, c.images, chosen, true),
                     parts = collect_outputs(c.net, c.images, chosen, true, 2);
  const NoGrad numbers_only;
  const NetOutput direct = c.net.forward(c.images.batch(chosen), inference_mode);
  const std::vector<float> logits = direct.scores.logits.floats(), features = direct.features.pooled.floats();
  REQUIRE(whole.logits.size() == 5);
  REQUIRE(parts.features.size() == 5);
  for (size_t n = 0; n < 5; ++n) {
    CHECK(whole.logits[n] ==
          std::vector(logits.begin() + static_cast<long>(7 * n), logits.begin() + static_cast<long>(7 * n + 7)));
    CHECK(whole.features[n] ==
          std::vector(features.begin() + static_cast<long>(64 * n), features.begin() + static_cast<long>(64 * n + 64)));
    for (size_t k = 0; k < 7; ++k) CHECK(std::abs(parts.logits[n][k] - whole.logits[n][k]) < 1e-5);
  }
  CHECK(collect_outputs(c.net, c.images, chosen, false).features.empty());
  CHECK(collect_outputs(c.net, c.images, std::vector<int>{}, true).logits.empty());
}

TEST_CASE("asking changes nothing in the network") {
  Constant c({0, 1, 2, 3});
  const State before = state_of(c.net);
  (void)c.evaluation();
  CHECK(changed(before, state_of(c.net)).empty());
}

TEST_CASE("a task without test images is told as such") {
  Constant c({0, 1, 2, 3});
  c.scenario.test[1] = {};
  CHECK_THROWS_WITH_AS((void)c.evaluation(), doctest::Contains("task 2 has no test images"), Error);
}

}  // namespace
}  // namespace mneme::test
