// How the trainer uses the slots of a method: regularisers, validation terms, stages.

#include <doctest/doctest.h>

#include <cmath>

#include "data/batches/augment.h"
#include "engine/autograd.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "incremental/training/trainer.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/training/trainer_bench.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

/// Trains by cross-entropy alone, so that a test adds the slot that it is about.
struct SlotBench : TrainerBench {
  SlotBench() : TrainerBench(Method()) { method.prediction = {{"cross-entropy", 1, current_cross_entropy()}}; }
};

/// A regulariser that records the calls it receives, in order.
class Noting : public Regulariser {
 public:
  bool active(const TaskContext&) const override { return true; }
  std::string steps_differ_by() const override { return "each is recorded"; }
  void begin_stage(const TaskContext&, const ParameterBlock&) override { told += "b"; }
  void see_gradient(const ParameterBlock& block) override {
    told += "s";
    seen = block.gradients().clone();
  }
  Tensor penalty(const ParameterBlock& block) override {
    told += "p";
    return Tensor::full({}, 2, block.values().options());
  }
  void add_gradient(const ParameterBlock& block) override {
    told += "a";
    add_in_place(block.gradients(), Tensor::full(block.gradients().shape(), 1e-3, block.gradients().options()));
  }
  void before_update(const ParameterBlock& block, const StepPlace& at, const Tensor& factor) override {
    told += "u";
    before = block.values().clone();
    gradient = block.gradients().clone();
    places.push_back(at);
    factors.push_back(factor.item());
  }
  void after_update(const ParameterBlock& block) override {
    told += "d";
    after = block.values().clone();
  }

  std::string told;
  Tensor seen, gradient, before, after;
  std::vector<StepPlace> places;
  std::vector<double> factors;
};

TEST_CASE("a regulariser is told of every step in order, and what it adds joins the plain gradient") {
  SlotBench bench;
  const auto noting = std::make_shared<Noting>();
  bench.method.regularisers = {{"noting", noting}};
  bench.options.sgd = {};
  bench.options.clip_norm = 1e-2;
  bench.learn(0);  // two steps, then validation
  CHECK(noting->told == "bspaudspaudp");
  const std::vector<double> seen = noting->seen.values(), gradient = noting->gradient.values();
  for (size_t i = 0; i < seen.size(); i += 97) CHECK(gradient[i] == doctest::Approx(seen[i] + 1e-3).epsilon(1e-5));
  const std::vector<double> before = noting->before.values(), after = noting->after.values();
  CHECK(noting->factors.back() < 1);
  for (size_t i = 0; i < seen.size(); i += 97)
    CHECK(after[i] ==
          doctest::Approx(before[i] - 0.05 * noting->factors.back() * gradient[i]).epsilon(1e-5).scale(1e-3));
  REQUIRE(noting->places.size() == 2);
  CHECK(noting->places[1].step == 1);
  CHECK(noting->places[1].seed == 1);
}

TEST_CASE("penalties count in the loss of steps, epochs and validation, unless something else judges") {
  SlotBench plain, held, judged;
  held.method.regularisers = judged.method.regularisers = {{"noting", std::make_shared<Noting>()}};
  judged.method.validation = judged.method.prediction;
  for (SlotBench* bench : {&plain, &held, &judged}) {
    bench->options.learning_rate = 1e-9;
    bench->learn(0);
  }
  CHECK(held.steps[0].loss == doctest::Approx(plain.steps[0].loss + 2).epsilon(1e-5));
  CHECK(held.epochs[0].loss == doctest::Approx(plain.epochs[0].loss + 2).epsilon(1e-5));
  CHECK(held.epochs[0].validation_loss == doctest::Approx(plain.epochs[0].validation_loss + 2).epsilon(1e-5));
  CHECK(judged.epochs[0].validation_loss == doctest::Approx(plain.epochs[0].validation_loss).epsilon(1e-5));
}

/// A regulariser that asks for the gradient of the cross-entropy over all heads.
class Watching final : public Noting {
 public:
  LossTerm* watched() override { return all_.get(); }

 private:
  TermPointer all_ = joint_cross_entropy();
};

TEST_CASE("a regulariser may see another loss's gradient from the same forward pass, and the step is none the wiser") {
  // The gradient that the watched loss alone has in the first step of a second task, for a whole batch and unchanged
  // weights.
  const auto second_task = [](SlotBench& bench) {
    bench.options.batch_size = 100;
    bench.options.augmentation = {};
    bench.learn(0);
    bench.learn(1);
  };
  SlotBench watched, other, plain;
  const auto watching = std::make_shared<Watching>(), noting = std::make_shared<Watching>();
  const auto seeing = std::make_shared<Noting>();
  watched.method.regularisers = {{"watching", watching}};
  second_task(watched);

  other.options.batch_size = 100;
  other.options.augmentation = {};
  other.method.regularisers = {{"noting", noting}};
  other.learn(0);
  other.method.prediction = {{"all", 1, joint_cross_entropy()}};
  other.method.regularisers = {{"noting", seeing}};
  other.learn(1);
  CHECK(difference(watching->seen.values(), seeing->seen.values(), 2e-5) == "");

  plain.method.regularisers = {{"noting", std::make_shared<Noting>()}};
  second_task(plain);
  CHECK(distance(state_of(watched.net), state_of(plain.net)) < 1e-6);
}

/// A regulariser that counts its updates in a tensor of its state.
class Counting final : public Regulariser {
 public:
  explicit Counting(bool returns) : returns_(returns) {}
  void on_classes_added(IncrementalNet& net) override {
    if (!count_) count_ = Tensor::zeros({1}, named_state(net)[0].second.options());
  }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "count"), count_, StateKind::buffer);
  }
  bool returns_with_best() const override { return returns_; }
  std::string steps_differ_by() const override { return ""; }
  void after_update(const ParameterBlock&) override { add_in_place(count_, Tensor::full({1}, 1, count_.options())); }
  double count() const { return count_.item(); }

 private:
  bool returns_;
  Tensor count_;
};

TEST_CASE("what is carried returns with the best model, unless it says that it does not") {
  for (const bool returns : {true, false}) {
    SlotBench bench;
    const auto counting = std::make_shared<Counting>(returns);
    bench.method.regularisers = {{"counting", counting}};
    bench.options.epochs = 12;
    bench.options.learning_rate = 1.5;  // the loss oscillates
    bench.options.schedule = ScheduleKind::patience;
    bench.options.patience.patience = 100;
    bench.learn(0);
    size_t best = 0;
    for (size_t e = 0; e < bench.epochs.size(); ++e)
      if (bench.epochs[e].validation_loss < bench.epochs[best].validation_loss) best = e;
    REQUIRE(best + 1 < bench.epochs.size());
    CHECK(counting->count() == (returns ? 2 * static_cast<double>(best + 1) : 24));
  }
}

TEST_CASE("a later stage reports under its name, with its own rate and epochs, after the main one") {
  SlotBench bench;
  bench.method.later_stages = {[](Stage& stage, const TaskContext&) {
    stage.name = "again";
    stage.options.epochs = 3;
    stage.options.learning_rate = 0.002;
    stage.trainable_parts = {.backbone = false};
    stage.batch_statistics = stage.validates = false;
    return true;
  }};
  bench.learn(0);
  CHECK(bench.epochs.size() == 1);
  bench.learn(1);
  REQUIRE(bench.epochs.size() == 1 + 1 + 3);
  CHECK(bench.epochs[1].stage == "train");
  CHECK(bench.epochs[2].stage == "again");
  CHECK(bench.epochs[2].epochs == 3);
  CHECK(bench.epochs[4].epoch == 3);
  CHECK(bench.epochs[4].learning_rate == 0.002);
  CHECK(std::isnan(bench.epochs[4].validation_loss));
  CHECK(bench.steps.back().stage == "again");
}

TEST_CASE("a stage that has no images is told as such") {
  SlotBench bench;
  bench.method.later_stages = {[](Stage& stage, const TaskContext&) {
    stage.name = "held out";
    stage.images = StageImages::held_out;
    return true;
  }};
  bench.learn(0);
  CHECK_THROWS_WITH_AS(bench.learn(1), "there are no images for the stage 'held out' of task 2", Error);
}

TEST_CASE("a loss that is no number is told with the task, the epoch and the step, each counted from 1") {
  SlotBench bench;
  bench.method.prediction = {{"cross-entropy", INFINITY, current_cross_entropy()}};
  CHECK_THROWS_WITH_AS(bench.learn(0), doctest::Contains("in task 1, epoch 1, step 1: lower --lr"), Error);
}

TEST_CASE("there is no going on with a stage that the method does not have") {
  SlotBench bench;
  bench.net.add_classes(2, bench.factory);
  TrainState from;
  from.stage = "polishing";
  const TaskContext context = context_of(bench.scenario, 0, bench.scenario.train[0], false, bench.factory.options());
  Trainer trainer(bench.net, bench.method, bench.options, bench.images, 1, {});
  CHECK_THROWS_WITH_AS(trainer.learn(context, {bench.scenario.train[0], {}}, nullptr, from),
                       "there is no stage 'polishing' to go on with", Error);
}

}  // namespace
}  // namespace mneme::test
