// Properties of batch normalisation besides its formula: running statistics, constant channels, large means.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/ops.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

using doctest::Approx;

// Two images of one channel: 1, 3 and 5, 7. The mean is 4, the variance 5, the unbiased variance 20/3.
const Values two_images{1, 3, 5, 7};

struct Case {
  Tensor x, gamma, beta;
  BatchNormStatistics running;
  explicit Case(Device device, const Values& values = two_images)
      : x(Tensor::from(values, {2, 1, 1, static_cast<int64_t>(values.size()) / 2}, {device})),
        gamma(Tensor::full({1}, 1, {device})),
        beta(Tensor::full({1}, 0, {device})),
        running{Tensor::full({1}, 10, {device}), Tensor::full({1}, 2, {device})} {}
  Tensor operator()(BatchNormOptions options) { return batch_norm(x, gamma, beta, running, options); }
};

TEST_CASE("training normalises by the batch and moves the running values a tenth of the way, the variance unbiased") {
  for (const Device device : devices()) {
    Case c(device);
    const Values y = c({.eps = 0}).values();
    CHECK(y[0] == Approx(-3 / std::sqrt(5.0)).epsilon(1e-6));
    CHECK(y[3] == Approx(3 / std::sqrt(5.0)).epsilon(1e-6));
    CHECK(c.running.mean.item() == Approx(0.9 * 10 + 0.1 * 4).epsilon(1e-6));
    CHECK(c.running.variance.item() == Approx(0.9 * 2 + 0.1 * 20.0 / 3).epsilon(1e-6));
  }
}

TEST_CASE("a momentum of 1 forgets the past") {
  Case c(Device::reference);
  c({.momentum = 1});
  CHECK(c.running.mean.item() == Approx(4));
  CHECK(c.running.variance.item() == Approx(20.0 / 3));
}

TEST_CASE("training without update leaves the running values bit for bit") {
  for (const Device device : devices()) {
    Case c(device);
    c({.update_running = false});
    CHECK(c.running.mean.item() == 10);
    CHECK(c.running.variance.item() == 2);
  }
}

TEST_CASE("inference normalises by the running values and leaves them bit for bit") {
  for (const Device device : devices()) {
    Case c(device);
    const Values y = c({.training = false, .eps = 0}).values();
    CHECK(y[0] == Approx((1 - 10) / std::sqrt(2.0)).epsilon(1e-6));
    CHECK(c.running.mean.item() == 10);
    CHECK(c.running.variance.item() == 2);
  }
}

TEST_CASE("no gradient flows into running statistics, and beta's and gamma's are sums of dy and dy xhat") {
  Case c(Device::reference);
  c.gamma.requires_grad();
  c.beta.requires_grad();
  backward(c({.training = false, .eps = 0}), Tensor::from(Values{1, 2, 3, 4}, c.x.shape(), c.x.options()));
  CHECK(c.beta.grad().item() == Approx(10));
  CHECK(c.gamma.grad().item() == Approx((1 * -9 + 2 * -7 + 3 * -5 + 4 * -3) / std::sqrt(2.0)));
  CHECK(!c.running.mean.needs_grad());
}

TEST_CASE("a constant channel gives beta, and finite gradients") {
  for (const Device device : devices()) {
    Case c(device, Values(8, 3.25));
    c.x.requires_grad();
    c.beta = Tensor::full({1}, 0.5, {device});
    const Tensor y = c({});
    for (const double v : y.values()) CHECK(v == Approx(0.5).epsilon(1e-3));
    backward(y, Tensor::full(y.shape(), 1, y.options()));
    for (const double g : c.x.grad().values()) CHECK(std::isfinite(g));
  }
}

TEST_CASE("a mean a thousand times the deviation still leaves three digits of the output") {
  for (const Device device : devices()) {
    Values values(512);
    for (size_t i = 0; i < values.size(); ++i) values[i] = i % 2 ? 1001 : 999;
    Case c(device, values);
    const Values y = c({}).values();
    CHECK(*std::max_element(y.begin(), y.end()) == Approx(1).epsilon(1e-3));
    CHECK(*std::min_element(y.begin(), y.end()) == Approx(-1).epsilon(1e-3));
  }
}

TEST_CASE("one value per channel cannot be normalised while training") {
  Case c(Device::reference, {1, 2});
  c.x = Tensor::full({1, 1, 1, 1}, 1, {Device::reference});
  CHECK_THROWS_WITH_AS(c({}),
                       "batch_norm: one value per channel has no variance ((1, 1, 1, 1)); use larger images, a larger "
                       "batch or inference mode",
                       Error);
}

}  // namespace
}  // namespace mneme::test
