// TPCIL: similarities between exemplars, and which exemplars a step uses. Property 58:
// docs/methods/properties.md#topology-and-learned-exemplars.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/batches/augment.h"
#include "engine/autograd.h"
#include "engine/ops.h"
#include "incremental/losses/features.h"
#include "incremental/losses/primitives.h"
#include "incremental/training/trainer.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/incremental/tiny_run.h"
#include "tests/incremental/training/recording_source.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

/// A symmetric matrix with ones on the diagonal.
Tensor similarities(const std::string& name, int64_t vertices) {
  const Tensor x = normalize_rows(f64({vertices, 6}, drawn_values(name, vertices * 6, Draw::any)));
  return matmul(x, x, Transpose::second);
}

TEST_CASE("topology is minus Pearson's correlation over the edges: by hand") {
  // On a triangle: edges 1, 2, 3 compared with 1, 3, 2.
  const Tensor s = f64({3, 3}, {9, 1, 2, 1, 9, 3, 2, 3, 9}), sh = f64({3, 3}, {0, 1, 3, 1, 0, 2, 3, 2, 0});
  CHECK(topology(s, sh).item() == near(-0.5));
}

TEST_CASE("similarities of another level and size are the same topology, turned over they are the opposite") {
  const Tensor s = similarities("s", 5);
  CHECK(topology(add_scalar(scale(s, 3), -0.7), s).item() == near(-1));
  CHECK(topology(scale(s, 0.01), s).item() == near(-1));
  CHECK(topology(add_scalar(scale(s, -2), 5), s).item() == near(1));
  const double other = topology(s, similarities("t", 5)).item();
  CHECK(std::abs(other) < 1);
}

TEST_CASE("the order of vertices does not matter") {
  const auto reordered = [](const Tensor& s) {
    const std::vector<size_t> order = {3, 0, 4, 1, 2};
    const Values v = s.values();
    Values out;
    for (const size_t i : order)
      for (const size_t j : order) out.push_back(v[5 * i + j]);
    return f64({5, 5}, out);
  };
  const Tensor s = similarities("s", 5), t = similarities("t", 5);
  CHECK(topology(reordered(s), reordered(t)).item() == near(topology(s, t).item()));
}

TEST_CASE("where nothing varies topology is 0 with a gradient that is a number, and an edge alone is no topology") {
  Tensor flat = Tensor::full({4, 4}, 0.5, f64_reference);
  flat.requires_grad();
  const Tensor none = topology(flat, Tensor::full({4, 4}, 0.25, f64_reference));
  CHECK(none.item() == 0);
  backward(none);
  CHECK(flat.grad().values() == Values(16, 0.0));
  CHECK(topology(similarities("s", 4), Tensor::full({4, 4}, 0.5, f64_reference)).item() == 0);
  for (const int64_t few : {1, 2}) CHECK(topology(similarities("s", few), similarities("t", few)).item() == 0);
  CHECK_THROWS_WITH_AS((void)topology(Tensor::zeros({2, 3}, f64_reference), Tensor::zeros({2, 3}, f64_reference)),
                       "topology: similarities must be (V, V), got (2, 3)", Error);
}

/// A term that records the exemplars it receives with each batch.
class Noting final : public TeacherTerm {
 public:
  struct Shown {
    Values student, teacher;
    bool recorded;
  };
  explicit Noting(int wanted) : wanted_(wanted) {}
  int exemplars_beside() const override { return wanted_; }
  Tensor loss(const BatchView& batch) override {
    if (batch.exemplars)
      shown.push_back({batch.exemplars->student.features.pooled.values(),
                       batch.exemplars->teacher.features.pooled.values(),
                       batch.exemplars->student.features.pooled.needs_grad()});
    return Tensor::full({}, 0, batch.task.tensor_options);
  }
  std::vector<Shown> shown;

 private:
  int wanted_;
};

/// A network that learns two tasks of two classes with one term in addition to cross-entropy over all classes. The
/// second task has three images of each old class.
struct TwoTasks {
  ResidentDataset data = tiny_data();
  ExperimentOptions options = tiny_options("ft-ss-il");
  Scenario scenario = make_scenario(data, options.scenario, 1);
  DeviceImages images{data.train, Device::cpu};
  Factory factory{1, Device::cpu};
  IncrementalNet net{std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, factory),
                     std::make_unique<LinearHeads>(64)};
  std::unique_ptr<IncrementalNet> old;
  Method method = make_method("ft-ss-il", {});
  Subset exemplars;

  void learn(const TermPointer& term, double weight, bool with_exemplars = true, const ImageSource* source = nullptr) {
    for (size_t i = 0; i < 6; ++i) exemplars.append({{scenario.train[0].images[i]}, {scenario.train[0].labels[i]}});
    method.distillation = {{"term", weight, term}};
    Trainer trainer(net, method, options.train, source ? *source : images, 1, {});
    net.add_classes(2, factory);
    trainer.learn(context_of(scenario, 0, scenario.train[0], false, factory.options()), {scenario.train[0], {}},
                  nullptr);
    old = net.frozen_copy();
    net.add_classes(2, factory);
    Subset subset = scenario.train[1];
    if (with_exemplars) subset.append(exemplars);
    trainer.learn(context_of(scenario, 1, subset, with_exemplars, factory.options()), {subset, {}}, old.get());
  }

  Tensor similarities_by(IncrementalNet& model) const {
    const NoGrad numbers_only;
    const Tensor x = normalize_rows(model.forward(images.batch(exemplars.images), inference_mode).features.pooled);
    return matmul(x, x, Transpose::second);
  }
};

std::vector<Noting::Shown> shown_in_second_task(int wanted, bool with_exemplars = true) {
  const auto noting = std::make_shared<Noting>(wanted);
  TwoTasks().learn(noting, 1, with_exemplars);
  return noting->shown;
}

TEST_CASE("a term that asks is shown exemplars beside every batch, other ones in every step, by both models") {
  const std::vector<Noting::Shown> shown = shown_in_second_task(4);
  REQUIRE(shown.size() == 3);  // 18 images in batches of 6, none in the first task
  for (const Noting::Shown& s : shown) {
    CHECK(s.student.size() == 4 * 64);
    CHECK(s.teacher.size() == 4 * 64);
    CHECK(s.recorded);
  }
  for (size_t i = 0; i < shown[0].student.size(); ++i)  // both networks in inference mode, before the first step
    CHECK(shown[0].student[i] == doctest::Approx(shown[0].teacher[i]).epsilon(1e-4));
  CHECK(std::abs(shown[2].student[0] - shown[2].teacher[0]) > 1e-3);
  CHECK(shown[0].teacher != shown[1].teacher);
  std::set<std::vector<double>> images;
  for (size_t i = 0; i < 4; ++i)
    images.insert({shown[0].teacher.begin() + static_cast<std::ptrdiff_t>(64 * i),
                   shown[0].teacher.begin() + static_cast<std::ptrdiff_t>(64 * (i + 1))});
  CHECK(images.size() == 4);
}

TEST_CASE("there are never more exemplars shown than there are, and none without a memory or a wish") {
  CHECK(shown_in_second_task(64).at(0).student.size() == 6 * 64);
  CHECK(shown_in_second_task(4, false).empty());
  CHECK(shown_in_second_task(0).empty());
}

TEST_CASE("the source of images is told of the exemplars, too, and in the order in which they are asked for") {
  TwoTasks bench;
  const NotingSource source(bench.images);
  bench.learn(std::make_shared<Noting>(4), 1, true, &source);
  REQUIRE(source.asked.size() == 2 + 2 * 3);
  REQUIRE(source.expected.size() == source.asked.size());
  const std::set<int> exemplars(bench.exemplars.images.begin(), bench.exemplars.images.end());
  for (size_t i = 0; i < source.asked.size(); ++i) {
    const BatchRequest &asked = source.asked[i], &expected = source.expected[i];
    CHECK(asked.images == expected.images);
    CHECK((asked.augmentation == expected.augmentation));
    CHECK(asked.draws.first_sample == expected.draws.first_sample);
    const bool beside = i >= 2 && i % 2 == 0;
    CHECK((asked.augmentation == (beside ? Augmentation{} : bench.options.train.augmentation)));
    if (!beside) continue;
    CHECK(asked.images.size() == 4);
    for (const int image : asked.images) CHECK(exemplars.contains(image));
  }
}

TEST_CASE("with its term the exemplars' similarities are kept, without it they are not") {
  const auto kept = [](double weight) {
    TwoTasks bench;
    bench.options.train.epochs = 4;
    bench.options.train.learning_rate = 0.01;
    bench.learn(topology_term(64), weight);
    return topology(bench.similarities_by(bench.net), bench.similarities_by(*bench.old)).item();
  };
  CHECK(kept(0) > -0.9);
  CHECK(kept(1) < -0.99);
}

TEST_CASE("tpcil is finetuning over all classes in the first task, and at weight 0; otherwise its term moves weights") {
  ExperimentOptions o = tiny_options_for("tpcil");
  o.memory.images = 3;
  const auto run_with = [&](const char* method, std::optional<double> lambda) {
    o.method = method;
    set_option(o.method_options, "--lambda", lambda);
    return finish(o).states;
  };
  const std::vector<State> plain = run_with("ft-ss-il", {}), none = run_with("tpcil", 0), usual = run_with("tpcil", {});
  CHECK(changed(plain[0], usual[0]).empty());
  CHECK(changed(plain[1], none[1]).empty());
  CHECK(distance(plain[1], usual[1]) > 1e-4);
  CHECK(changed(usual[1], run_with("tpcil", 10)[1]).empty());
}

TEST_CASE("tpcil cannot do without exemplars") {
  const ResidentDataset data = tiny_data();
  CHECK_THROWS_WITH_AS(Experiment(tiny_options("tpcil"), data),
                       "tpcil needs exemplars: give --memory-per-class (20 is usual) or --memory-total", UsageError);
}

}  // namespace
}  // namespace mneme::test
