// Regularisers without state: the square penalty, and gradient noise, which clipping does not make smaller.

#include "incremental/regularisers/penalties.h"

#include <doctest/doctest.h>

#include <cmath>

#include "layers/block.h"
#include "tests/incremental/training/one_layer.h"
#include "tests/incremental/training/trainer_bench.h"

namespace mneme::test {
namespace {

ParameterBlock whole(IncrementalNet& net) {
  return ParameterBlock(net, [](const std::string&) { return true; });
}

TEST_CASE("a square penalty is strength / 2 times the squares of the parameters it names, and pulls at nothing else") {
  OneLayerWorld world(2);
  world.add_classes();
  world.add_classes();
  ParameterBlock block = whole(world.net);
  const RegulariserPointer r = square_penalty("heads.1.bias", 0.5);
  r->begin_stage(world.context(), block);
  double squares = 0;
  for (const auto& [name, value] : named_state(world.net))
    if (name == "heads.1.bias")
      for (const double v : value.values()) squares += v * v;
  REQUIRE(squares > 0);
  CHECK(r->penalty(block).item() == near(0.25 * squares));
  block.clear_gradients();
  r->add_gradient(block);
  const auto values = block.parts_of(block.values()), pulls = block.parts_of(block.gradients());
  for (size_t i = 0; i < values.size(); ++i) {
    const auto& [name, value] = values[i];
    CAPTURE(name);
    const std::vector<double> x = value.values(), pull = pulls[i].second.values();
    for (size_t k = 0; k < x.size(); ++k) CHECK(pull[k] == near(name == "heads.1.bias" ? 0.5 * x[k] : 0));
  }
}

/// A network with enough parameters that the noise's deviation is known to a percent.
struct NoisyNet {
  Factory factory{1, Device::cpu};
  IncrementalNet net{std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, factory),
                     std::make_unique<LinearHeads>(64)};
  ParameterBlock block = whole(net);

  std::vector<double> noise(const NoiseOptions& options, const StepPlace& at, double factor = 1) {
    block.clear_gradients();
    gradient_noise(options)->before_update(block, at, Tensor::full({}, factor, factory.options()));
    return block.gradients().values();
  }
};

double deviation(const std::vector<double>& numbers) {
  double squares = 0;
  for (const double x : numbers) squares += x * x;
  return std::sqrt(squares / static_cast<double>(numbers.size()));
}

TEST_CASE("gradient noise has the paper's variance, which fades over the epochs; as released that is its deviation") {
  NoisyNet noisy;
  for (const int epoch : {0, 1, 8}) {
    const double size = 0.3 / std::pow(1 + epoch, 0.55);
    CHECK(deviation(noisy.noise({}, {.epoch = epoch})) == doctest::Approx(std::sqrt(size)).epsilon(0.01).scale(0));
    CHECK(deviation(noisy.noise({.as_released = true}, {.epoch = epoch})) ==
          doctest::Approx(size).epsilon(0.01).scale(0));
  }
  CHECK(noisy.noise({}, {.step = 1}) != noisy.noise({}, {.step = 2}));
  CHECK(noisy.noise({}, {.seed = 1}) != noisy.noise({}, {.seed = 2}));
}

TEST_CASE("the step multiplies noise by the clipping's factor, so the noise is divided by it before") {
  NoisyNet noisy;
  const std::vector<double> plain = noisy.noise({}, {}), before_clipping = noisy.noise({}, {}, 0.25);
  for (size_t i = 0; i < plain.size(); i += 97)
    CHECK(0.25 * before_clipping[i] == doctest::Approx(plain[i]).epsilon(1e-5));
}

TEST_CASE("noise moves the weights as far after a clipped step as after any other") {
  for (const double clip : {1e-4, 0.0}) {
    CAPTURE(clip);
    TrainerBench bench;
    bench.options.clip_norm = clip;
    bench.options.sgd = {};
    bench.options.batch_size = 100;
    bench.method.regularisers = {{"noise", gradient_noise({.scale = 400})}};  // far above any gradient
    Factory twin_factory(1, Device::cpu);
    IncrementalNet twin(std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, twin_factory),
                        std::make_unique<LinearHeads>(64));
    twin.add_classes(2, twin_factory);
    bench.learn(0);
    REQUIRE(bench.steps.size() == 1);
    double squares = 0, moved = 0;
    const State before = state_of(twin), after = state_of(bench.net);
    for (const auto& [name, numbers] : after) {
      if (name.find("running") != std::string::npos) continue;
      for (size_t i = 0; i < numbers.size(); ++i, ++moved) squares += std::pow(numbers[i] - before.at(name)[i], 2);
    }
    CHECK(std::sqrt(squares / moved) == doctest::Approx(0.05 * 20).epsilon(0.02));
  }
}

}  // namespace
}  // namespace mneme::test
