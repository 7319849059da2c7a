#include "layers/module.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"
#include "layers/basic.h"
#include "layers/block.h"

using namespace mneme;

namespace {

/// A module whose tensors have names of several levels, as in a network.
struct Pair : Module {
  Linear first;
  BatchNorm2d norm;
  explicit Pair(Factory& factory, int64_t in = 3) : first(in, 2, factory), norm(2, factory) {}
  void each_state(const std::string& at, const Visit& visit) override {
    first.each_state(join(at, "first"), visit);
    norm.each_state(join(at, "norm"), visit);
  }
};

using State = std::vector<std::pair<std::string, Tensor>>;

State state_of(uint64_t seed) {
  Factory factory(seed, Device::reference);
  Pair pair(factory);
  return named_state(pair);
}

void drop(State& state, const std::string& name) {
  std::erase_if(state, [&](const auto& entry) { return entry.first == name; });
}

std::string message_of(Module& module, const State& state) {
  try {
    load_state(module, state);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("names are joined by dots, and nothing joins without one") {
  CHECK(join("layer1", "0") == "layer1.0");
  CHECK(join("", "conv1") == "conv1");
}

TEST_CASE("parameters are counted, buffers are not") {
  Factory factory(1, Device::reference);
  Pair pair(factory);
  CHECK(parameter_count(pair) == 6 + 2 + 2 + 2);
  CHECK(named_state(pair).size() == 6);
}

TEST_CASE("a linear layer starts uniform within 1/sqrt(in), weights and bias") {
  Factory factory(1, Device::reference, DType::f64);
  const Linear layer(64, 500, factory);
  for (const Tensor& tensor : {layer.weight, layer.bias}) {
    double sum = 0, squares = 0, most = 0;
    for (const double v : tensor.values()) sum += v, squares += v * v, most = std::max(most, std::abs(v));
    const double n = static_cast<double>(tensor.size());
    CHECK(most <= 0.125);
    CHECK(most > 0.12);
    CHECK(std::abs(sum / n) < 5 * 0.125 / std::sqrt(3 * n));
    CHECK(squares / n == doctest::Approx(0.125 * 0.125 / 3).epsilon(0.15).scale(0));
  }
}

TEST_CASE("loading overwrites every tensor in place") {
  Factory factory(1, Device::cpu);
  Pair pair(factory);
  const Tensor held = pair.first.weight;
  const State other = state_of(2);
  load_state(pair, other);
  CHECK(held.values() == other[0].second.values());
  for (size_t i = 0; i < other.size(); ++i) CHECK(named_state(pair)[i].second.values() == other[i].second.values());
}

TEST_CASE("weights of another network are refused with every difference named, and nothing is written") {
  Factory factory(1, Device::reference);
  Pair pair(factory);
  const std::vector<double> before = pair.first.weight.values();
  State state = state_of(2);
  drop(state, "norm.bias");
  drop(state, "norm.running_var");
  state.emplace_back("fc.weight", Tensor::zeros({1}, factory.options()));
  for (auto& [name, tensor] : state)
    if (name == "first.bias") tensor = Tensor::zeros({5}, factory.options());
  const std::string message = message_of(pair, state);
  for (const char* part : {"missing norm.bias", "missing norm.running_var",
                           "first.bias is (2) here but (5) in the file", "left over fc.weight"})
    CHECK_MESSAGE(message.find(part) != std::string::npos, message);
  CHECK(message.find('\n') == std::string::npos);
  CHECK(pair.first.weight.values() == before);
}

TEST_CASE("PyTorch's count of batches, which we do not keep, is no reason to refuse its weights") {
  Factory factory(1, Device::reference);
  Pair pair(factory);
  State state = state_of(2);
  state.emplace_back("norm.num_batches_tracked", Tensor::zeros({}, factory.options()));
  CHECK(message_of(pair, state) == "");
}

TEST_CASE("a copied module shares its numbers until it is given its own") {
  Factory factory(1, Device::reference);
  Pair pair(factory);
  Pair copy = pair;
  copy.first.weight.data<float>()[0] = 7;
  CHECK(pair.first.weight.data<float>()[0] == 7);
  copy.first.weight.requires_grad();
  own_state(copy);
  copy.first.weight.data<float>()[0] = 8;
  copy.norm.running.mean.data<float>()[0] = 8;
  CHECK(pair.first.weight.data<float>()[0] == 7);
  CHECK(pair.norm.running.mean.data<float>()[0] == 0);
  CHECK_FALSE(copy.first.weight.needs_grad());
}

TEST_CASE("a snapshot brings back parameters and running statistics, also where parameters lie in a block") {
  Factory factory(1, Device::cpu);
  Pair pair(factory);
  ParameterBlock block(pair, [](const std::string&) { return true; });
  const std::vector<double> values = block.values().values(), mean = pair.norm.running.mean.values();
  const Snapshot snapshot(pair);
  Tensor inside = block.values();
  inside.copy_from(Tensor::full(inside.shape(), 3, factory.options()));
  pair.norm.running.mean.copy_from(Tensor::full({2}, 3, factory.options()));
  pair.norm.running.variance.copy_from(Tensor::full({2}, 3, factory.options()));
  CHECK(pair.first.bias.values() == std::vector<double>{3, 3});
  snapshot.restore(pair);
  CHECK(block.values().values() == values);
  CHECK(pair.norm.running.mean.values() == mean);
  CHECK(pair.norm.running.variance.values() == std::vector<double>{1, 1});
  snapshot.restore(pair);  // a snapshot can be restored several times
  CHECK(block.values().values() == values);
}
