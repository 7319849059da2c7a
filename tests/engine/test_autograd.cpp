#include "engine/autograd.h"

#include <doctest/doctest.h>

#include <thread>

#include "engine/device.h"
#include "engine/ops.h"

namespace mneme::test {
namespace {

using Values = std::vector<double>;

Tensor leaf(const Values& values) {
  const Shape shape{static_cast<int64_t>(values.size())};
  return Tensor::from(values, shape, {Device::reference, DType::f64, Layout::plain}).requires_grad();
}

MemoryUse memory(Device device = Device::reference) { return backend(device).arena().use(); }

TEST_CASE("a diamond adds the gradients of both its arms") {
  const Tensor x = leaf({2, -3});
  const Tensor top = square(x);                    // x^2
  backward(sum(mul(top, add(top, scale(x, 5)))));  // x^4 + 5 x^3, so 4 x^3 + 15 x^2
  CHECK(x.grad().values() == Values{4 * 8 + 15 * 4, 4 * -27 + 15 * 9});
}

TEST_CASE("steps that share an input run once each, after all that use their output") {
  int runs = 0;
  const Tensor x = leaf({3});
  Tensor y = record("copy", x.clone(), {x}, [&runs](const Tensor& dy, NeedsInputGrad&) -> Grads {
    ++runs;
    return {dy};
  });
  Tensor total = y;
  for (int i = 0; i < 10; ++i) total = add(total, scale(y, i));  // (1 + 0 + 1 + ... + 9) y
  backward(total);
  CHECK(runs == 1);
  CHECK(x.grad().item() == 46);
}

TEST_CASE("a chain of a hundred thousand steps is walked without recursion") {
  const Tensor x = leaf({1});
  Tensor y = x;
  for (int i = 0; i < 100000; ++i) y = add_scalar(y, 1);
  backward(y);
  CHECK(x.grad().item() == 1);
}

TEST_CASE("branches that do not lead to the output get no gradient and are not run") {
  const Tensor x = leaf({2}), bystander = leaf({5});
  const Tensor unused = record("trap", x.clone(), {x}, [](const Tensor&, NeedsInputGrad&) -> Grads { fail("ran"); });
  const Tensor also_unused = mul(x, bystander);
  backward(square(x));
  CHECK(x.grad().item() == 4);
  CHECK(!bystander.grad());
}

TEST_CASE("a leaf may be walked from by itself") {
  const Tensor x = leaf({1, 2});
  backward(x, Tensor::from(Values{3, 4}, {2}, x.options()));
  CHECK(x.grad().values() == Values{3, 4});
}

TEST_CASE("gradients add up over walks until they are cleared, in place where a place was given") {
  const Tensor block = Tensor::zeros({4}, {Device::reference, DType::f64, Layout::plain});
  Tensor x = leaf({1, 2});
  x.set_grad(Tensor::view(block, 1, {2}));
  backward(sum(scale(x, 3)));
  backward(sum(scale(x, 4)));
  CHECK(block.values() == Values{0, 7, 7, 0});
  x.set_grad({});
  backward(sum(x));
  CHECK(x.grad().values() == Values{1, 1});
  CHECK(block.values() == Values{0, 7, 7, 0});
}

TEST_CASE("the first gradient of a leaf is its own, not a second name for the caller's") {
  const Tensor x = leaf({1, 2});
  const Tensor dy = Tensor::from(Values{3, 4}, {2}, x.options());
  backward(add(x, x), dy);
  backward(add(x, x), dy);
  CHECK(x.grad().values() == Values{12, 16});
  CHECK(dy.values() == Values{3, 4});
}

TEST_CASE("one gradient sent to two inputs is not mixed up when more arrive at one of them") {
  const Tensor x = leaf({1}), z = leaf({1});
  const Tensor a = scale(x, 2), b = scale(z, 3);
  backward(add(add(a, b), scale(a, 10)));  // 11 a + b
  CHECK(x.grad().item() == 22);
  CHECK(z.grad().item() == 3);
}

TEST_CASE("under NoGrad nothing is recorded, nested or not, and afterwards it is again") {
  const Tensor x = leaf({1});
  CHECK(recording());
  {
    const NoGrad outer;
    {
      const NoGrad inner;
      CHECK(!recording());
    }
    CHECK(!recording());
    CHECK(!square(x).needs_grad());
    CHECK(!will_record({x}));
  }
  CHECK(recording());
  CHECK(square(x).needs_grad());
}

TEST_CASE("NoGrad holds for its own thread only") {
  const NoGrad here;
  bool elsewhere = false;
  std::thread([&] { elsewhere = recording(); }).join();
  CHECK(elsewhere);
  CHECK(!recording());
}

TEST_CASE("operations on tensors that want no gradient record nothing and keep nothing") {
  const Tensor x = Tensor::zeros({100}, {Device::reference, DType::f64, Layout::plain});
  const size_t before = memory().live;
  const Tensor y = exp(exp(exp(x)));
  CHECK(!y.needs_grad());
  CHECK(memory().live == before + Arena::rounded(800));
}

TEST_CASE("detach cuts the tape: gradients stop there") {
  const Tensor x = leaf({3});
  backward(mul(x, square(x).detach()));  // d/dx of 9 x
  CHECK(x.grad().item() == 9);
}

TEST_CASE("keep_graph allows as many walks as one likes, each row of a Jacobian for example") {
  const Tensor x = leaf({2, 3});
  const Tensor y = mul(x, x);
  for (const Values& row : {Values{1, 0}, Values{0, 1}}) {
    backward(y, Tensor::from(row, {2}, x.options()), {.keep_graph = true});
  }
  CHECK(x.grad().values() == Values{4, 6});
  backward(y, Tensor::from(Values{1, 1}, {2}, x.options()));
  CHECK(x.grad().values() == Values{8, 12});
}

TEST_CASE("a second walk without keep_graph is refused by name and changes nothing") {
  const Tensor x = leaf({2});
  const Tensor y = square(x);
  backward(y);
  CHECK_THROWS_WITH_AS(
      backward(y), "backward: the graph behind 'square' was already released; pass keep_graph to walk it twice", Error);
  CHECK(x.grad().item() == 4);
}

TEST_CASE("a walk into a part that another walk has released is refused") {
  const Tensor x = leaf({2});
  const Tensor shared = exp(x);
  backward(scale(shared, 2));
  CHECK_THROWS_WITH_AS(backward(scale(shared, 3)),
                       "backward: the graph behind 'exp' was already released; pass keep_graph to walk it twice",
                       Error);
}

TEST_CASE("walking from what was not recorded, or without saying from where, is refused") {
  const Tensor plain = Tensor::zeros({1}, {Device::reference, DType::f64, Layout::plain});
  CHECK_THROWS_WITH_AS(backward(plain),
                       "backward: nothing below this tensor was recorded; was it computed under NoGrad?", Error);
  const Tensor x = leaf({1, 2, 3});
  CHECK_THROWS_WITH_AS(backward(square(x)), "backward: a tensor of shape (3) needs its gradient stated", Error);
}

TEST_CASE("a starting gradient of another shape, type or device is refused before anything is changed") {
  const Tensor x = leaf({1, 2, 3});
  const TensorOptions tensor_options = x.options();
  CHECK_THROWS_WITH_AS(backward(square(x), Tensor::zeros({2}, tensor_options)),
                       "backward: the gradient (2) does not fit a tensor of shape (3)", Error);
  CHECK_THROWS_WITH_AS(backward(square(x), Tensor::zeros({3}, {Device::reference, DType::f32})),
                       "backward: a gradient of reference f32 for a tensor of reference f64", Error);
  CHECK(!x.grad());
}

TEST_CASE("a backward whose gradient has the wrong shape is named") {
  const Tensor x = leaf({1, 2, 3});
  const Tensor y =
      record("halves", x.clone(), {x}, [](const Tensor& dy, NeedsInputGrad&) -> Grads { return {sum(dy)}; });
  CHECK_THROWS_WITH_AS(backward(sum(y)), "backward of 'halves': gradient () for input 0 of shape (3)", Error);
}

TEST_CASE("only leaves can be asked to keep their gradient") {
  Tensor y = square(leaf({1}));
  CHECK_THROWS_WITH_AS(y.requires_grad(), "requires_grad: only a leaf can be asked to keep its gradient", Error);
}

TEST_CASE("a backward may take the gradient that waits and return the sum") {
  const Tensor x = leaf({1});
  const Tensor y = scale(x, 1);
  const Tensor fused = record("fused", y.clone(), {y}, [](const Tensor& dy, NeedsInputGrad& needs_input_grad) -> Grads {
    const Tensor waiting = needs_input_grad.take_waiting(0);
    REQUIRE(waiting);
    return {add(scale(dy, 3), waiting)};
  });
  backward(add(fused, scale(y, 4)));  // scale() was recorded later, so its gradient arrives first
  CHECK(x.grad().item() == 7);
}

TEST_CASE("what a step saved is released as soon as it ran, not when the walk ends") {
  const Tensor x = leaf(Values(1000, 0.5));
  size_t at_the_bottom = 0;
  const Tensor first = record("probe", x.clone(), {x}, [&](const Tensor& dy, NeedsInputGrad&) -> Grads {
    at_the_bottom = memory().live;
    return {dy};
  });
  const size_t before = memory().live;
  Tensor y = first;
  for (int i = 0; i < 20; ++i) y = exp(scale(y, 0.1));
  const size_t recorded = memory().live;
  CHECK(recorded >= before + 20 * 8000);
  backward(y, Tensor::full({1000}, 1, x.options()));
  CHECK(at_the_bottom <= before + 4 * Arena::rounded(8000));  // y, its gradient, and the gradient being passed down
}

TEST_CASE("memory returns to what it was when a network's output and gradients are gone") {
  Tensor x = leaf(Values(64, 0.5)), w = leaf(Values(64, 0.25));
  const size_t before = memory().live;
  {
    const Tensor y = softmax(matmul(reshape(x, {8, 8}), reshape(w, {8, 8})));
    CHECK(memory().live > before);
    backward(y, Tensor::full({8, 8}, 1, y.options()));
  }
  x.set_grad({});
  w.set_grad({});
  CHECK(memory().live == before);
}

TEST_CASE("an error inside a walk leaves no memory behind") {
  Tensor x = leaf(Values(64, 0.5));
  const size_t before = memory().live;
  const auto broken = [&] {
    const Tensor y =
        record("broken", x.clone(), {x}, [](const Tensor&, NeedsInputGrad&) -> Grads { fail("broken on purpose"); });
    backward(sum(exp(exp(y))));
  };
  CHECK_THROWS_WITH(broken(), "broken on purpose");
  CHECK(memory().live == before);
  CHECK(recording());
}

/// One training step of a small convolutional network.
void step(Device device, const std::vector<Tensor>& weights) {
  const Tensor x = Tensor::full({4, 3, 8, 8}, 0.5, {device, DType::f32, backend(device).feature_layout(3)});
  const Tensor labels = Tensor::from(std::vector<int>{0, 1, 2, 3}, {4}, device);
  BatchNormStatistics running{Tensor::zeros({16}, {device}), Tensor::full({16}, 1, {device})};
  Tensor y = batch_norm(conv2d(x, weights[0], {.stride = 1, .pad = 1}), weights[1], weights[2], running, {});
  y = relu(add(relu(y), conv2d(relu(y), weights[3], {.stride = 1, .pad = 1})));
  backward(mean(softmax_cross_entropy(linear(global_average_pool(y), weights[4], {}), labels)));
}

TEST_CASE("after the second training step nothing more is asked of the system") {
  for (const Device device : {Device::reference, Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    std::vector<Tensor> weights;
    for (const Shape& shape : {Shape{16, 3, 3, 3}, Shape{16}, Shape{16}, Shape{16, 16, 3, 3}, Shape{4, 16}})
      weights.push_back(Tensor::full(shape, 0.1, {device}).requires_grad());
    step(device, weights);
    step(device, weights);
    const MemoryUse two = memory(device);
    for (int i = 0; i < 5; ++i) step(device, weights);
    CAPTURE(std::string(name_of(device)));
    CHECK(memory(device).system_requests == two.system_requests);
    CHECK(memory(device).reserved == two.reserved);
    CHECK(memory(device).live == two.live);
    CHECK(memory(device).peak == two.peak);
  }
}

}  // namespace
}  // namespace mneme::test
