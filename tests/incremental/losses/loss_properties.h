#pragma once
// Shared by the tests of losses' properties: matrices by their values, and the value and gradient of a loss.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "tests/incremental/losses/loss_table.h"

namespace mneme::test {

constexpr TensorOptions f64{Device::reference, DType::f64, Layout::plain};
constexpr double infinity = std::numeric_limits<double>::infinity();

inline Tensor matrix(const std::vector<double>& values, int64_t columns) {
  return Tensor::from(values, {static_cast<int64_t>(values.size()) / columns, columns}, f64);
}
inline Tensor row(const std::vector<double>& values) { return matrix(values, static_cast<int64_t>(values.size())); }
inline Tensor labels_of(std::vector<int> labels) {
  return Tensor::from(labels, {static_cast<int64_t>(labels.size())}, Device::reference);
}
inline Tensor weights(std::vector<double> lambda) {
  for (double& l : lambda) l = std::log(l);
  return Tensor::from(lambda, {static_cast<int64_t>(lambda.size())}, f64);
}
inline Tensor drawn(const char* name, int64_t rows, int64_t columns, double size = 3) {
  std::vector<double> values = drawn_values(name, rows * columns, Draw::any);
  for (double& v : values) v *= size;
  return matrix(values, columns);
}

/// z with `amount` added to the columns [begin, end).
inline Tensor shifted(const Tensor& z, int64_t begin, int64_t end, double amount) {
  std::vector<double> values = z.values();
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t column = static_cast<int64_t>(i) % z.dim(1);
    if (column >= begin && column < end) values[i] += amount;
  }
  return matrix(values, z.dim(1));
}

struct Result {
  double value;
  std::vector<double> gradient;
};

template <class Loss>
inline Result evaluated(Tensor z, const Loss& loss) {
  z = z.clone();
  z.requires_grad();
  const Tensor value = loss(z);
  backward(value);
  return {value.item(), z.grad().values()};
}

inline void check_near(const std::vector<double>& got, const std::vector<double>& expected, double tolerance) {
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(got[i] - expected[i]) <= tolerance);
  }
}

inline double entropy(const Tensor& z, double temperature) {
  const Tensor log_q = log_softmax(scale(z, 1 / temperature));
  return -sum(mul(softmax(scale(z, 1 / temperature)), log_q)).item() / static_cast<double>(z.dim(0));
}

}  // namespace mneme::test
