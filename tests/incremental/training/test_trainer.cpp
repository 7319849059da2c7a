#include "incremental/training/trainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "data/batches/augment.h"
#include "engine/autograd.h"
#include "incremental/losses/primitives.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/training/trainer_bench.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

double parameter_distance(const State& a, const State& b) {
  double squares = 0;
  for (const auto& [name, numbers] : a)
    if (name.find("running") == std::string::npos)
      for (size_t i = 0; i < numbers.size(); ++i) squares += std::pow(double{numbers[i]} - double{b.at(name)[i]}, 2);
  return std::sqrt(squares);
}

TEST_CASE("reports number epochs and steps from one and carry the rate, and every image is counted once an epoch") {
  TrainerBench bench;
  bench.options.epochs = 4;
  bench.options.batch_size = 5;  // 12 images: batches of 5, 5 and 2
  bench.options.schedule = ScheduleKind::steps;
  bench.options.milestones = {0.5, 0.75};
  bench.learn(0);
  REQUIRE(bench.epochs.size() == 4);
  REQUIRE(bench.steps.size() == 12);
  for (size_t e = 0; e < 4; ++e) {
    CHECK(bench.epochs[e].epoch == static_cast<int>(e) + 1);
    CHECK(bench.epochs[e].epochs == 4);
    CHECK(bench.epochs[e].learning_rate == doctest::Approx(e < 2 ? 0.05 : e < 3 ? 0.005 : 0.0005));
    CHECK(bench.epochs[e].seconds > 0);
    CHECK(bench.epochs[e].images == 12);
    const StepReport* s = &bench.steps[3 * e];
    CHECK(std::vector{s[0].images_done, s[1].images_done, s[2].images_done} == std::vector<int64_t>{5, 10, 12});
    CHECK(s[2].step == 3);
    CHECK(s[2].steps == 3);
    CHECK(bench.epochs[e].loss == doctest::Approx((5 * s[0].loss + 5 * s[1].loss + 2 * s[2].loss) / 12).epsilon(1e-6));
  }
}

TEST_CASE("a last batch of one image is trained on, too") {
  TrainerBench bench;
  bench.options.batch_size = 11;
  bench.learn(0);
  REQUIRE(bench.steps.size() == 2);
  CHECK(std::isfinite(bench.steps[1].loss));
}

TEST_CASE("a last batch that is not whole can be left out of training") {
  TrainerBench bench;
  bench.options.batch_size = 5;
  bench.options.drop_last = true;
  bench.learn(0);
  REQUIRE(bench.steps.size() == 2);
  CHECK(bench.steps[1].steps == 2);
  CHECK(bench.epochs[0].images == 10);
  CHECK(bench.epochs[0].loss == doctest::Approx((bench.steps[0].loss + bench.steps[1].loss) / 2).epsilon(1e-6));
}

TEST_CASE("momentum that is kept moves the next task's first step by what the last one's moved, and new heads not") {
  const auto first_step_of_second_task = [](bool keeps) {
    TrainerBench bench;
    std::vector<std::pair<std::string, Tensor>> momentum;
    if (keeps) bench.momentum = &momentum;
    bench.learn(0);
    State after;
    bench.after_step = [&] {
      if (after.empty()) after = state_of(bench.net);
    };
    bench.learn(1);
    return std::pair(after, momentum);
  };
  const auto [rested, none] = first_step_of_second_task(false);
  const auto [kept, momentum] = first_step_of_second_task(true);
  CHECK(none.empty());
  CHECK(rested.at("conv1.weight") != kept.at("conv1.weight"));
  CHECK(rested.at("heads.1.weight") == kept.at("heads.1.weight"));
  CHECK(rested.at("heads.0.weight") == kept.at("heads.0.weight"));  // these parameters are fixed
  std::set<std::string> names;
  for (const auto& [name, velocity] : momentum) names.insert(name);
  CHECK(names.contains("conv1.weight"));
  CHECK(names.contains("heads.1.weight"));
}

TEST_CASE("the first task may last longer than the others") {
  TrainerBench bench;
  bench.options.epochs = 1;
  bench.options.base_epochs = 3;
  bench.learn(0);
  CHECK(bench.epochs.size() == 3);
  bench.learn(1);
  CHECK(bench.epochs.size() == 4);
}

TEST_CASE("the validation loss is the training criterion in inference mode, its accuracy that inside the task") {
  TrainerBench bench;
  bench.options.epochs = 3;
  bench.learn(0);
  bench.learn(1);
  CHECK(bench.epochs.back().validation_loss == doctest::Approx(bench.validation_loss(1)).epsilon(1e-5));
  CHECK(std::abs(4 * bench.epochs.back().validation_accuracy -
                 std::round(4 * bench.epochs.back().validation_accuracy)) < 1e-12);
}

TEST_CASE("without validation images both are unknown, and the patience schedule says that it needs some") {
  TrainerBench bench;
  bench.learn(0, nullptr, Subset{});
  CHECK(std::isnan(bench.epochs[0].validation_loss));
  CHECK(std::isnan(bench.epochs[0].validation_accuracy));
  TrainerBench patient;
  patient.options.schedule = ScheduleKind::patience;
  const std::string message = message_of([&] { patient.learn(0, nullptr, Subset{}); });
  CHECK(message.find("needs validation images") != std::string::npos);
  CHECK(message.find('\n') == std::string::npos);
}

TEST_CASE("patience ends a task with the best model, statistics included, also where epochs run out first") {
  TrainerBench bench;
  bench.options.epochs = 12;
  bench.options.learning_rate = 1.5;  // the loss oscillates
  bench.options.schedule = ScheduleKind::patience;
  bench.options.patience.patience = 100;
  bench.learn(0);
  double best = std::numeric_limits<double>::infinity();
  for (const EpochReport& epoch : bench.epochs) best = std::min(best, epoch.validation_loss);
  CHECK(bench.epochs.size() == 12);
  CHECK(bench.epochs.back().learning_rate == 1.5);
  CHECK(bench.epochs.back().validation_loss > best * 1.001);  // the last model was not the best
  CHECK(bench.validation_loss(0) == doctest::Approx(best).epsilon(1e-6));
}

TEST_CASE("patience goes on from the best model when the rate drops, and ends the task when it falls too low") {
  TrainerBench bench;
  bench.options.epochs = 60;
  bench.options.learning_rate = 1.5;
  bench.options.schedule = ScheduleKind::patience;
  bench.options.patience = {.factor = 3, .least = 1e-2, .patience = 1};
  std::vector<double> going_on_from;
  bench.after_epoch = [&] { going_on_from.push_back(bench.validation_loss(0)); };
  bench.learn(0);
  REQUIRE(bench.epochs.size() < 60);
  CHECK(bench.epochs.back().learning_rate >= 1e-2);
  CHECK(bench.epochs.back().learning_rate / 3 < 1e-2);
  double best = std::numeric_limits<double>::infinity();
  int returns_from_worse = 0;
  for (size_t e = 0; e < bench.epochs.size(); ++e) {
    const double loss = bench.epochs[e].validation_loss;
    const bool worse = !(loss < best);  // the learning rate drops, with a patience of one epoch
    best = std::min(best, loss);
    CHECK(going_on_from[e] == doctest::Approx(best).epsilon(1e-5));
    returns_from_worse += worse && loss > best * 1.01;
  }
  CHECK(returns_from_worse > 0);
}

/// Cross-entropy that records the labels it receives.
class Recording final : public LossTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    for (const int label : batch.labels.ints()) seen.push_back(label);
    return cross_entropy(batch.student.scores.logits, batch.labels);
  }
  std::vector<int> seen;
};

/// The orders of three epochs over a subset in which every image has its own label.
std::vector<std::vector<int>> orders(uint64_t seed) {
  TrainerBench bench;
  const auto recording = std::make_shared<Recording>();
  bench.method.prediction = {{"recording", 1, recording}};
  bench.options.epochs = 3;
  bench.options.batch_size = 5;
  Subset subset = bench.scenario.train[0];
  for (size_t i = 0; i < subset.size(); ++i) subset.labels[i] = static_cast<int>(i);
  bench.net.add_classes(static_cast<int>(subset.size()), bench.factory);
  TaskContext context;
  context.task_sizes = {static_cast<int>(subset.size())};
  context.class_counts.assign(subset.size(), 1);
  context.tensor_options = bench.factory.options();
  Trainer(bench.net, bench.method, bench.options, bench.images, seed, {}).learn(context, {subset, {}}, nullptr);
  std::vector<std::vector<int>> epochs;
  for (size_t at = 0; at < recording->seen.size(); at += subset.size())
    epochs.emplace_back(recording->seen.begin() + static_cast<long>(at),
                        recording->seen.begin() + static_cast<long>(at + subset.size()));
  return epochs;
}

TEST_CASE("every epoch goes through all images once, each in another order, which the seed decides") {
  const std::vector<std::vector<int>> one = orders(1);
  REQUIRE(one.size() == 3);
  for (std::vector<int> epoch : one) {
    std::sort(epoch.begin(), epoch.end());
    CHECK(epoch == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  }
  CHECK(one[0] != one[1]);
  CHECK(one[1] != one[2]);
  CHECK(orders(1) == one);
  CHECK(orders(2)[0] != one[0]);
}

TEST_CASE("warm-up moves the new head alone, and not in the first task") {
  TrainerBench bench;
  bench.learn(0);
  const State before = state_of(bench.net);
  bench.options.epochs = 0;
  bench.options.warmup_epochs = 2;
  bench.learn(1);
  CHECK(changed(before, state_of(bench.net)) == std::vector<std::string>{"heads.1.bias", "heads.1.weight"});
  TrainerBench unchanged;
  unchanged.learn(0);
  unchanged.net.add_classes(2, unchanged.factory);
  CHECK(changed(state_of(unchanged.net), state_of(bench.net)) ==
        std::vector<std::string>{"heads.1.bias", "heads.1.weight"});

  TrainerBench first;
  first.options.epochs = 0;
  first.options.warmup_epochs = 2;
  Factory factory(1, Device::cpu);
  CifarResNet untrained({.depth = 8}, factory);
  first.learn(0);
  for (const auto& [name, numbers] : state_of(untrained)) CHECK(state_of(first.net).at(name) == numbers);
}

TEST_CASE("steps and epochs of the warm-up are not reported as those of training") {
  TrainerBench bench;
  bench.learn(0);
  bench.options.warmup_epochs = 3;
  bench.learn(1);
  CHECK(bench.epochs.size() == 2);
  CHECK(bench.steps.size() == 4);
  for (const StepReport& step : bench.steps) CHECK(step.epoch == 1);
}

TEST_CASE("with fix_bn running statistics rest from the second task on, while gamma and beta learn") {
  TrainerBench bench;
  bench.options.fix_bn = true;
  const State untrained = state_of(bench.net);
  bench.learn(0);
  const State before = state_of(bench.net);
  CHECK(untrained.at("bn1.running_mean") != before.at("bn1.running_mean"));
  bench.learn(1);
  for (const std::string& name : changed(before, state_of(bench.net))) CHECK(name.find("running") == std::string::npos);
  CHECK(before.at("layer2.0.bn1.weight") != state_of(bench.net).at("layer2.0.bn1.weight"));
}

TEST_CASE("clipping bounds a step's length by rate times limit") {
  for (const double clip : {1e-3, 0.0}) {
    TrainerBench bench;
    bench.options.clip_norm = clip;
    bench.options.sgd = {};
    bench.options.batch_size = 100;
    Factory twin_factory(1, Device::cpu);
    IncrementalNet twin(std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, twin_factory),
                        std::make_unique<LinearHeads>(64));
    twin.add_classes(2, twin_factory);
    bench.learn(0);
    const double length = parameter_distance(state_of(twin), state_of(bench.net));
    if (clip > 0)
      CHECK(length ==
            doctest::Approx(0.05 * clip).epsilon(0.02).scale(0));  // single-precision values near 1 that moved by 1e-5
    else
      CHECK(length > 10 * 0.05 * 1e-3);
  }
}

/// Cross-entropy that returns another value at a given step.
class Poisoned final : public LossTerm {
 public:
  Poisoned(int step, double value) : step_(step), value_(value) {}
  Tensor loss(const BatchView& batch) override {
    const Tensor right = cross_entropy(batch.student.scores.logits, batch.labels);
    return ++calls_ == step_ ? scale(right, value_) : right;
  }

 private:
  int step_, calls_ = 0;
  double value_;
};

TEST_CASE(
    "a loss that is no number any more stops training before it reaches the weights, naming task, epoch and step") {
  for (const double poison : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    TrainerBench bench;
    bench.options.epochs = 3;
    bench.method.prediction = {{"poisoned", 1, std::make_shared<Poisoned>(4, poison)}};
    State last_good;
    bench.after_step = [&] { last_good = state_of(bench.net); };
    const std::string message = message_of([&] { bench.learn(0, nullptr, Subset{}); });
    CAPTURE(message);
    CHECK(message.find("in task 1, epoch 2, step 2") != std::string::npos);
    CHECK(message.find("--lr") != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
    CHECK(bench.steps.size() == 3);
    for (const auto& [name, numbers] : state_of(bench.net))
      if (name.find("running") == std::string::npos) CHECK_MESSAGE(numbers == last_good.at(name), name);
  }
}

TEST_CASE("a loss that diverges while warming up is told apart from one in training") {
  TrainerBench bench;
  bench.learn(0);
  bench.options.warmup_epochs = 2;
  bench.options.warmup_factor = 1e60;  // larger than any float: the first step makes the new head infinite
  const std::string message = message_of([&] { bench.learn(1); });
  CAPTURE(message);
  CHECK(message.find("in task 2, warm-up epoch 1, step 2") != std::string::npos);
  CHECK(bench.steps.size() == 2);  // of the first task
}

TEST_CASE("schedules have names") {
  for (const ScheduleKind kind :
       {ScheduleKind::steps, ScheduleKind::cosine, ScheduleKind::patience, ScheduleKind::constant})
    CHECK(schedule_named(name_of(kind)) == kind);
  CHECK_THROWS_WITH_AS((void)schedule_named("cosin"), doctest::Contains("did you mean 'cosine'?"), UsageError);
}

TEST_CASE("a cosine schedule follows the task's own number of epochs") {
  TrainerBench bench;
  bench.options.schedule = ScheduleKind::cosine;
  bench.options.epochs = 2;
  bench.options.base_epochs = 4;
  bench.learn(0);
  bench.learn(1);
  CHECK(bench.epochs[2].learning_rate == doctest::Approx(0.025));
  CHECK(bench.epochs[5].learning_rate == doctest::Approx(0.025));
}

TEST_CASE("clamping bounds each number's step, and bounds beyond the gradient change nothing") {
  const auto step_of = [](double clamp, double clip = 0) {
    TrainerBench bench;
    bench.options.sgd = {};
    bench.options.clip_value = clamp;
    bench.options.clip_norm = clip;
    bench.options.learning_rate = 1;
    bench.options.batch_size = 100;
    bench.net.add_classes(bench.scenario.classes_per_task[0], bench.factory);
    State before = state_of(bench.net);
    const TaskContext context = context_of(bench.scenario, 0, bench.scenario.train[0], false, bench.factory.options());
    Trainer(bench.net, bench.method, bench.options, bench.images, 1, {})
        .learn(context, {bench.scenario.train[0], bench.scenario.validation[0]}, nullptr);
    State after = state_of(bench.net);
    std::erase_if(before, [](const auto& entry) { return entry.first.find("running") != std::string::npos; });
    std::erase_if(after, [](const auto& entry) { return entry.first.find("running") != std::string::npos; });
    return distance(before, after);
  };
  const double free = step_of(0);
  CHECK(step_of(free / 2) == doctest::Approx(free / 2).epsilon(1e-5).scale(0));
  CHECK(step_of(1e6) == free);
  // Clipping looks at the clamped gradient: its length is below the limit here, that of the free one above.
  CHECK(step_of(free / 1000, free / 2) == doctest::Approx(free / 1000).epsilon(1e-2).scale(0));
}

}  // namespace
}  // namespace mneme::test
