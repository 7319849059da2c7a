// Captured steps on the reference device, whose graph launches repeat calls with the recorded arguments, as those of a
// GPU do; and on a GPU, where there is one.

#include "engine/capture.h"

#include <doctest/doctest.h>

#include "engine/ops.h"
#include "tests/support/gpu.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

struct Capture : Switched<CaptureSteps> {
  explicit Capture(CaptureSteps when) : Switched(set_capture_steps, when, capture_steps()) {}
};

std::vector<Device> capturing_devices() {
  std::vector<Device> devices{Device::reference};
  if (gpu_here()) devices.push_back(Device::cuda);
  return devices;
}

/// y = 2 x^2 + 1, computed with two tensors that the step allocates.
struct Step {
  Tensor y;
  int calls = 0;

  Step(Device device, int64_t size) : y(Tensor::zeros({size}, {device})) {}
  void operator()(const Tensor& x) {
    ++calls;
    y.copy_from(add_scalar(scale(square(x), 2), 1));
  }
  void run(GraphedStep& repeated, int value) {
    repeated.run({Tensor::full(y.shape(), value, y.options())}, [&](std::span<const Tensor> x) { (*this)(x[0]); });
  }
  std::vector<float> expected(int value) const {
    return std::vector<float>(static_cast<size_t>(y.size()), static_cast<float>(2 * value * value + 1));
  }
};

/// Runs a step without inputs.
void run(GraphedStep& repeated, const std::function<void()>& step) {
  repeated.run({}, [&](std::span<const Tensor>) { step(); });
}

TEST_CASE(
    "a step runs as usual, is captured the second time, and from then on follows its inputs without being called") {
  const Capture choice(CaptureSteps::always);
  for (const Device device : capturing_devices()) {
    Step step(device, 5);
    GraphedStep repeated(device);
    for (int i = 1; i <= 5; ++i) {
      step.run(repeated, i);
      CHECK(step.y.floats() == step.expected(i));
    }
    CHECK(repeated.capture_obstacle() == "");
    CHECK(step.calls == 2);
    CHECK(repeated.graph_launches() == 4);
  }
}

TEST_CASE("steps of several shapes take turns") {
  const Capture choice(CaptureSteps::always);
  for (const Device device : capturing_devices()) {
    Step full(device, 64), last(device, 3);
    GraphedStep repeated(device);
    for (int i = 0; i < 12; ++i) {
      Step& step = i % 4 == 3 ? last : full;
      step.run(repeated, i);
      CHECK(step.y.floats() == step.expected(i));
    }
    CHECK(full.calls == 2);
    CHECK(last.calls == 2);
  }
}

TEST_CASE("what a captured step writes to belongs to nobody else between graph launches") {
  const Capture choice(CaptureSteps::always);
  for (const Device device : capturing_devices()) {
    Step step(device, 1000);
    GraphedStep repeated(device);
    std::vector<Tensor> others;
    for (int i = 1; i < 6; ++i) {
      step.run(repeated, i);
      for (int k = 0; k < 8; ++k) others.push_back(Tensor::full({1000}, 100 * i + k, {device}));
    }
    for (int i = 1; i < 6; ++i)
      for (int k = 0; k < 8; ++k)
        CHECK(others[static_cast<size_t>(8 * (i - 1) + k)].floats() ==
              std::vector<float>(1000, static_cast<float>(100 * i + k)));
  }
}

TEST_CASE("a step that asks for numbers, or brings some, is found out and runs as usual, with the same results") {
  const Capture choice(CaptureSteps::always);
  for (const Device device : capturing_devices()) {
    const Tensor x = Tensor::full({3}, 4, {device});
    Tensor y = Tensor::zeros({3}, {device});
    double seen = 0, brought = 0;
    const std::function<void()> asks = [&] { seen = sum(x).item(); };
    const std::function<void()> brings = [&] {
      const double next[] = {++brought};
      y.copy_from(add(x, Tensor::from(next, {1}, x.options())));
    };
    GraphedStep asking(device), bringing(device);
    for (int i = 0; i < 4; ++i) {
      run(asking, asks);
      run(bringing, brings);
    }
    CHECK(seen == 12);
    CHECK(asking.capture_obstacle() == "it asks for numbers on the host, which a graph cannot repeat");
    CHECK(asking.graph_launches() == 0);
    CHECK(bringing.capture_obstacle() == "it brings numbers to the device, which a graph cannot repeat");
    CHECK(y.floats()[0] == static_cast<float>(4 + brought));
  }
}

TEST_CASE("a step that fails while it is captured fails as it would have") {
  const Capture choice(CaptureSteps::always);
  const Tensor x = Tensor::zeros({3}, {Device::reference}), wrong = Tensor::zeros({2}, {Device::reference});
  bool breaks = false;
  const auto step = [&] { (void)add(x, breaks ? wrong : x); };
  GraphedStep repeated(Device::reference);
  run(repeated, step);
  breaks = true;
  CHECK_THROWS_AS(run(repeated, step), Error);
  CHECK(sum(x).item() == 0);  // the capture has ended
}

TEST_CASE("devices that gain nothing are not captured unless asked, those that cannot never") {
  Step step(Device::reference, 2), on_cpu(Device::cpu, 2);
  {
    const Capture choice(CaptureSteps::automatic);
    GraphedStep repeated(Device::reference);
    for (int i = 0; i < 3; ++i) step.run(repeated, i);
    CHECK(repeated.capture_obstacle() == "it is not asked for");
  }
  const Capture choice(CaptureSteps::always);
  GraphedStep repeated(Device::cpu);
  for (int i = 0; i < 3; ++i) on_cpu.run(repeated, i);
  CHECK(repeated.capture_obstacle() == "this device does not capture");
  CHECK(step.calls + on_cpu.calls == 6);
}

TEST_CASE("a captured training step moves weights and running statistics as usual steps do") {
  const auto train = [](CaptureSteps when, Device device) {
    const Capture choice(when);
    const Tensor x = Tensor::full({2, 8, 4, 4}, 0.5, {device});
    Tensor w = Tensor::full({8, 8, 3, 3}, 0.01, {device}).requires_grad();
    w.set_grad(Tensor::zeros(w.shape(), w.options()));
    Tensor gamma = Tensor::full({8}, 1, {device}), beta = Tensor::full({8}, 0.1, {device});
    BatchNormStatistics running{Tensor::zeros({8}, {device}), Tensor::full({8}, 1, {device})};
    GraphedStep repeated(device);
    for (int i = 0; i < 5; ++i)
      run(repeated, [&] {
        const Tensor y = relu(batch_norm(conv2d(x, w, {1, 1}), gamma, beta, running, {}));
        backward(mean(square(y)));
        add_in_place(w.detach(), scale(w.grad(), -0.1));
      });
    CHECK(repeated.capture_obstacle().empty() == (when == CaptureSteps::always));
    return std::vector{w.floats(), running.mean.floats(), running.variance.floats()};
  };
  for (const Device device : capturing_devices())
    CHECK(train(CaptureSteps::always, device) == train(CaptureSteps::never, device));
}

}  // namespace
}  // namespace mneme::test
