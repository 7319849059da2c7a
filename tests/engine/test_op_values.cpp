// Tests of values at which formulas have corners: equal numbers, zeros, infinities and NaN. The table of operations
// tests the smooth parts.

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

constexpr double nan = NAN, infinity = INFINITY;

bool is_nan(const Tensor& x, size_t at) { return std::isnan(x.values()[at]); }

/// The gradient of op at x, where the gradient of every output is 1.
Values gradient(Tensor x, Tensor (*op)(const Tensor&)) {
  x.requires_grad();
  const Tensor y = op(x);
  backward(y, Tensor::full(y.shape(), 1, y.options()));
  return x.grad().values();
}

TEST_CASE("at their kinks relu, abs and clamp_min have the derivative 0") {
  CHECK(gradient(row({-1, 0, 1}), relu) == Values{0, 0, 1});
  CHECK(gradient(row({-1, 0, 1}), abs) == Values{-1, 0, 1});
  CHECK(gradient(row({1, 2, 3}), [](const Tensor& x) { return clamp_min(x, 2); }) == Values{0, 0, 1});
}

TEST_CASE("NaN is never swallowed: a network that diverged shows it") {
  for (const Device device : devices()) {
    const auto on = [&](const Shape& shape, const Values& values) { return Tensor::from(values, shape, {device}); };
    CAPTURE(std::string(name_of(device)));
    CHECK(is_nan(relu(on({1}, {nan})), 0));
    CHECK(is_nan(clamp_min(on({1}, {nan}), 0), 0));
    CHECK(is_nan(abs(on({1}, {nan})), 0));
    for (size_t at = 0; at < 4; ++at) {
      Values pixels{1, 2, 3, 4};
      pixels[at] = nan;
      CHECK(is_nan(max_pool(on({1, 1, 2, 2}, pixels), {}), 0));
      CHECK(is_nan(softmax(on({1, 4}, pixels)), 0));
      CHECK(is_nan(log_softmax(on({1, 4}, pixels)), 0));
      CHECK(is_nan(softmax_cross_entropy(on({1, 4}, pixels), i32({0}, device)), 0));
    }
  }
}

TEST_CASE("infinite logits: minus infinity gets no probability") {
  CHECK(softmax(row({-infinity, 0, 0})).values() == Values{0, 0.5, 0.5});
  CHECK(softmax_cross_entropy(row({0, 0, 0}), i32({2}), f64({3}, {0, 0, -infinity})).item() == infinity);
}

TEST_CASE("a label, a row or a column outside gives NaN, and no gradient goes astray") {
  Tensor x = f64({2, 2}, {1, 2, 3, 4}).requires_grad();
  for (const int wrong : {-1, 2, 1 << 30}) {
    CHECK(is_nan(softmax_cross_entropy(x, i32({wrong, 0})), 0));
    CHECK(!is_nan(softmax_cross_entropy(x, i32({wrong, 0})), 1));
    CHECK(is_nan(gather(x, i32({0, wrong})), 1));
    const Tensor taken = index_select(x, i32({1, wrong}));
    CHECK(taken.values()[0] == 3);
    CHECK(is_nan(taken, 2));
    x.set_grad({});
    backward(taken, f64({2, 2}, {5, 6, 7, 8}));
    CHECK(x.grad().values() == Values{0, 0, 5, 6});
  }
}

TEST_CASE("cross-entropy of one sample by hand: ln(1 + 3) and its gradient, with and without a balanced offset") {
  Tensor z = row({std::log(3.0), 0}).requires_grad();
  const Tensor loss = softmax_cross_entropy(z, i32({1}));
  CHECK(loss.item() == doctest::Approx(std::log(4.0)).epsilon(1e-14));
  backward(loss);
  CHECK(z.grad().values()[0] == doctest::Approx(0.75).epsilon(1e-14));
  CHECK(z.grad().values()[1] == doctest::Approx(-0.75).epsilon(1e-14));
  // class counts 1 and 3 make both classes equally likely: e^{z_0} 1 = e^{z_1} 3
  const Tensor balanced = softmax_cross_entropy(z, i32({1}), f64({2}, {std::log(1.0), std::log(3.0)}));
  CHECK(balanced.item() == doctest::Approx(std::log(2.0)).epsilon(1e-14));
}

TEST_CASE("a maximum is found in every column, so that no exponential overflows") {
  for (const Device device : {Device::reference, Device::cpu})
    for (int64_t at = 0; at < 4; ++at) {
      CAPTURE(at);
      std::vector<double> logits = {0, 1, 2, 3}, certain(4, 0.0), log_certain(4);
      logits[static_cast<size_t>(at)] = certain[static_cast<size_t>(at)] = 1;
      for (size_t j = 0; j < 4; ++j) {
        if (j == static_cast<size_t>(at)) logits[j] = 1000;
        log_certain[j] = logits[j] - 1000;
      }
      const Tensor x = Tensor::from(logits, {1, 4}, {device});
      CHECK(softmax(x).values() == certain);
      CHECK(log_softmax(x).values() == log_certain);
      const Tensor label = Tensor::from(std::vector<int>{static_cast<int>(at)}, {1}, device);
      CHECK(softmax_cross_entropy(x, label, {}).item() == 0);
    }
}

TEST_CASE("cross-entropy keeps its digits where all logits are large") {
  for (const Device device : devices()) {
    const Tensor z = Tensor::from(Values{4096, 4097}, {1, 2}, {device});
    CHECK(softmax_cross_entropy(z, i32({1}, device)).item() ==
          doctest::Approx(std::log1p(std::exp(-1.0))).epsilon(1e-6));
    CHECK(log_softmax(z).values()[1] == doctest::Approx(-std::log1p(std::exp(-1.0))).epsilon(1e-6));
  }
}

TEST_CASE("a row of zeros normalises to zeros, and its gradient is that of a division by 1e-12") {
  Tensor x = row({0, 0}).requires_grad();
  const Tensor u = normalize_rows(x);
  CHECK(u.values() == Values{0, 0});
  backward(u, row({1, -2}));
  CHECK(x.grad().values()[0] == doctest::Approx(1e12));
  CHECK(x.grad().values()[1] == doctest::Approx(-2e12));
}

TEST_CASE("of equal pixels the first is the maximum, alone and in overlapping windows") {
  Tensor x = f64({1, 1, 2, 3}, {7, 7, 7, 7, 7, 7}).requires_grad();
  backward(max_pool(x, {.window = 2, .stride = 1, .pad = 0}), f64({1, 1, 1, 2}, {1, 10}));
  CHECK(x.grad().values() == Values{1, 10, 0, 0, 0, 0});
}

TEST_CASE("so it is in every channel, in every device's layout") {
  for (const Device device : devices()) {
    const TensorOptions tensor_options{device, DType::f32, backend(device).feature_layout(32)};
    Tensor x = Tensor::full({1, 32, 2, 3}, 7, tensor_options).requires_grad();
    backward(max_pool(x, {.window = 2, .stride = 1, .pad = 0}), Tensor::full({1, 32, 1, 2}, 10, tensor_options));
    const Values gradient = x.grad().values();
    for (size_t i = 0; i < gradient.size(); ++i) CHECK(gradient[i] == (i % 6 < 2 ? 10 : 0));
  }
}

TEST_CASE("a maximum over a window with NaN is NaN, and leaves the other channels alone") {
  for (const Device device : devices()) {
    const TensorOptions tensor_options{device, DType::f32, backend(device).feature_layout(16)};
    for (size_t at = 0; at < 4; ++at) {
      Values pixels(64, -1.0);
      pixels[4 * 5 + at] = std::nan("");
      const Values y = max_pool(Tensor::from(pixels, {1, 16, 2, 2}, tensor_options), {}).values();
      for (size_t c = 0; c < 16; ++c) CHECK(std::isnan(y[c]) == (c == 5));
    }
  }
}

TEST_CASE("padding never wins a maximum, not even against negative numbers") {
  const Tensor x = f64({1, 1, 2, 2}, {-4, -3, -2, -1});
  CHECK(max_pool(x, {.window = 2, .stride = 2, .pad = 1}).values() == Values{-4, -3, -2, -1});
}

TEST_CASE("the shortcut keeps every second pixel and appends channels of zeros") {
  const Tensor x = f64({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(subsample_pad_channels(x, 2, 2).values() == Values{1, 3, 7, 9, 0, 0, 0, 0});
}

TEST_CASE("a convolution by hand, with padding and stride") {
  const Tensor x = f64({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}), w = f64({1, 1, 2, 2}, {1, 10, 100, 1000});
  CHECK(conv2d(x, w, {}).values() ==
        Values{1 + 20 + 400 + 5000, 2 + 30 + 500 + 6000, 4 + 50 + 700 + 8000, 5 + 60 + 800 + 9000});
  CHECK(conv2d(x, w, {.stride = 2, .pad = 1}).values() == Values{1000, 200 + 3000, 40 + 7000, 5 + 60 + 800 + 9000});
}

TEST_CASE("add_in_place adds, in any layout, and records nothing") {
  for (const Device device : devices()) {
    Values numbers(32);
    for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
    const TensorOptions blocked{device, DType::f32, backend(device).feature_layout(16)};
    const Tensor a = Tensor::from(numbers, {1, 16, 2, 1}, blocked), b = Tensor::from(numbers, {1, 16, 2, 1}, {device});
    add_in_place(a, b);
    for (double& v : numbers) v *= 2;
    CHECK(a.values() == numbers);
    CHECK(!a.needs_grad());
  }
}

TEST_CASE("sums and means do not lose small numbers beside many others") {
  for (const Device device : devices()) {
    const Tensor x = Tensor::full({1 << 22}, 0.1f, {device});
    CHECK(sum(x).item() == doctest::Approx(0.1f * 4194304.0).epsilon(1e-7));
    CHECK(mean(x).item() == doctest::Approx(0.1f).epsilon(1e-7));
  }
}

}  // namespace
}  // namespace mneme::test
