// Trains a classifier of points on three spiral arms with the engine alone: tensors, operations, and the tape that
// turns a loss into gradients. A network of one hidden layer learns by plain gradient descent on all points at once.

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "engine/ops.h"

using namespace mneme;

namespace {

constexpr int arms = 3, points_per_arm = 100, hidden = 64, steps = 400;
constexpr double rate = 0.5, turn = 2 * 3.14159265358979323846;

/// A weight drawn from N(0, deviation^2), marked as wanting a gradient.
Tensor weight(const Shape& shape, double deviation, std::mt19937& random) {
  std::normal_distribution<double> draw(0, deviation);
  std::vector<double> values(static_cast<size_t>(shape.elements()));
  for (double& value : values) value = draw(random);
  return Tensor::from(values, shape, {}).requires_grad();
}

double accuracy(const std::vector<double>& logits, const std::vector<int>& labels) {
  size_t right = 0;
  for (size_t n = 0; n < labels.size(); ++n) {
    const auto row = logits.begin() + static_cast<std::ptrdiff_t>(n) * arms;
    right += std::max_element(row, row + arms) - row == labels[n];
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace

int main() {
  std::vector<double> points;
  std::vector<int> labels;
  for (int arm = 0; arm < arms; ++arm)
    for (int i = 0; i < points_per_arm; ++i) {
      const double radius = 2.0 * (i + 1) / points_per_arm, angle = turn * arm / arms + 2 * radius;
      points.insert(points.end(), {radius * std::cos(angle), radius * std::sin(angle)});
      labels.push_back(arm);
    }
  const Tensor x = Tensor::from(points, {arms * points_per_arm, 2}, {});
  const Tensor y = Tensor::from(labels, {arms * points_per_arm}, Device::cpu);

  std::mt19937 random(1);
  Tensor w1 = weight({hidden, 2}, 1, random), b1 = weight({hidden}, 1, random);
  Tensor w2 = weight({arms, hidden}, 0.1, random), b2 = weight({arms}, 0, random);
  for (int step = 0; step < steps; ++step) {
    const Tensor logits = linear(relu(linear(x, w1, b1)), w2, b2), loss = mean(softmax_cross_entropy(logits, y));
    backward(loss);
    for (Tensor* w : {&w1, &b1, &w2, &b2}) add_in_place(*w, scale(w->grad(), -rate)), w->set_grad({});
    if (step % 100 == 99) fmt::print("step {}: loss {:.3f}\n", step + 1, loss.item());
    if (step == steps - 1) return accuracy(logits.values(), labels) > 0.95 ? 0 : 1;
  }
}
