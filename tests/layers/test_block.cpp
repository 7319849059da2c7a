#include "layers/block.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "layers/basic.h"

using namespace mneme;

namespace {

struct Two : Module {
  Linear a, b;
  explicit Two(Factory& factory) : a(3, 4, factory), b(4, 2, factory) {}
  Tensor forward(const Tensor& x) const { return b(relu(a(x))); }
  void each_state(const std::string& at, const Visit& visit) override {
    a.each_state(join(at, "a"), visit);
    b.each_state(join(at, "b"), visit);
  }
};

bool everything(const std::string&) { return true; }

const std::vector<double> pixels = {1, -2, 3, 0.5, 0.25, -1};

std::vector<double> joined(const std::vector<Tensor>& parts) {
  std::vector<double> all;
  for (const Tensor& part : parts)
    for (const double v : part.values()) all.push_back(v);
  return all;
}

}  // namespace

TEST_CASE("packing changes no value and makes the module's tensors views, in the order of their names") {
  Factory factory(1, Device::cpu);
  Two net(factory);
  const std::vector<double> before = joined({net.a.weight, net.a.bias, net.b.weight, net.b.bias});
  ParameterBlock block(net, everything);
  CHECK(block.names() == std::vector<std::string>{"a.weight", "a.bias", "b.weight", "b.bias"});
  CHECK(block.values().values() == before);
  CHECK(joined({net.a.weight, net.a.bias, net.b.weight, net.b.bias}) == before);
  block.values().data<float>()[12] = 42;
  CHECK(net.a.bias.values()[0] == 42);
  net.b.bias.data<float>()[1] = 43;
  CHECK(block.values().values().back() == 43);
}

TEST_CASE("gradients land in the block, add up, and are cleared at once") {
  const TensorOptions f64{Device::reference, DType::f64, Layout::plain};
  const Tensor x = Tensor::from(pixels, {2, 3}, f64);
  Factory factory(1, Device::reference, DType::f64), twin_factory(1, Device::reference, DType::f64);
  Two net(factory), loose(twin_factory);
  for (Tensor* leaf : {&loose.a.weight, &loose.a.bias, &loose.b.weight, &loose.b.bias}) leaf->requires_grad();
  backward(sum(square(loose.forward(x))));
  const std::vector<double> expected =
      joined({loose.a.weight.grad(), loose.a.bias.grad(), loose.b.weight.grad(), loose.b.bias.grad()});

  ParameterBlock block(net, everything);
  for (const double g : block.gradients().values()) CHECK(g == 0);
  backward(sum(square(net.forward(x))));
  CHECK(block.gradients().values() == expected);
  double squares = 0;
  for (const double g : expected) squares += g * g;
  CHECK(block.gradient_norm() == doctest::Approx(std::sqrt(squares)).epsilon(1e-12));
  backward(sum(square(net.forward(x))));
  for (size_t i = 0; i < expected.size(); ++i) CHECK(block.gradients().values()[i] == 2 * expected[i]);
  block.clear_gradients();
  CHECK(block.gradient_norm() == 0);
}

TEST_CASE("what is not selected wants no gradient any more, but lets it through") {
  Factory factory(1, Device::cpu);
  Two net(factory);
  const ParameterBlock all(net, everything);
  const ParameterBlock first(net, [](const std::string& name) { return name.starts_with("a."); });
  CHECK(first.names() == std::vector<std::string>{"a.weight", "a.bias"});
  CHECK_FALSE(net.b.weight.needs_grad());
  backward(sum(square(net.forward(Tensor::from(pixels, {2, 3}, factory.options())))));
  CHECK(first.gradient_norm() > 0);
  CHECK(all.gradient_norm() == 0);
}

TEST_CASE("selecting nothing is refused, because nothing could be trained") {
  Factory factory(1, Device::cpu);
  Two net(factory);
  CHECK_THROWS_WITH_AS(ParameterBlock(net, [](const std::string&) { return false; }),
                       "nothing is left to train: every parameter is frozen", Error);
}

TEST_CASE("a stretch is a view of some parameters' values and gradients, whole or not at all") {
  Factory factory(1, Device::cpu);
  Two net(factory);
  ParameterBlock block(net, everything);
  ParameterBlock::Stretch b = block.stretch_of({"b.weight", "b.bias"});
  CHECK(b.values.values() == joined({net.b.weight, net.b.bias}));
  b.gradients.copy_from(Tensor::full({10}, 3, factory.options()));
  CHECK(net.b.bias.grad().values() == std::vector<double>{3, 3});
  CHECK(net.a.bias.grad().values() == std::vector<double>(4, 0.0));
  CHECK_FALSE(block.stretch_of({"c.weight"}));
  CHECK_THROWS_AS((void)block.stretch_of({"a.weight", "b.weight"}), Error);
  ParameterBlock part(net, [](const std::string& name) { return name == "a.weight"; });
  CHECK_FALSE(part.stretch_of({"b.weight", "b.bias"}));
  CHECK_THROWS_WITH_AS((void)part.stretch_of({"a.weight", "a.bias"}),
                       doctest::Contains("1 of 2 parameters beginning with a.weight are trained"), Error);
}

TEST_CASE("clamping brings each number of the gradient into bounds and leaves the others alone") {
  Factory factory(1, Device::cpu);
  Two net(factory);
  ParameterBlock block(net, everything);
  std::vector<double> gradient(26, 0.0);
  gradient[0] = 7, gradient[1] = -5.5, gradient[2] = 4.75, gradient[25] = -4.75;
  Tensor all = block.gradients();
  all.copy_from(Tensor::from(gradient, {26}, factory.options()));
  block.clamp_gradients(5);
  gradient[0] = 5, gradient[1] = -5;
  CHECK(block.gradients().values() == gradient);
}
