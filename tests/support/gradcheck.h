#pragma once
// Gradients compared with central differences in double precision on the reference device.

#include <cmath>

#include "tests/support/op_row.h"

namespace mneme::test {

/// The sum over k of weights_k y_k: the function whose gradient backward() computes.
inline double weighted_output(const OpRow& row, const std::vector<Tensor>& inputs, const std::vector<double>& weights) {
  const std::vector<double> y = row.apply(inputs).values();
  return std::inner_product(y.begin(), y.end(), weights.begin(), 0.0);
}

/// df/dx from four points, (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h, with the error h^4 f'''''/30. This leaves
/// about ten correct digits, so a tolerance of one part in a million is safe. Inputs are farther than 2h from corners.
template <class F>
double central_difference(double& x, const F& f) {
  constexpr double h = 1e-3;
  const double at = x;
  const auto value = [&](double shift) {
    x = at + shift;
    return f();
  };
  const double near = value(h) - value(-h), far = value(2 * h) - value(-2 * h);
  x = at;
  return (8 * near - far) / (12 * h);
}

inline std::string compare_with_differences(const std::vector<double>& analytic, const std::vector<double>& numeric,
                                            double tolerance) {
  double largest = 0;
  for (const double g : numeric) largest = std::max(largest, std::abs(g));
  for (size_t k = 0; k < numeric.size(); ++k) {
    // relative to the element, or to a hundredth of the largest one where terms cancel to almost zero
    const double scale = std::max({std::abs(numeric[k]), largest / 100, 1e-6});
    if (!(std::abs(analytic[k] - numeric[k]) <= tolerance * scale))
      return fmt::format("element {}: backward says {}, differences say {}", k, analytic[k], numeric[k]);
  }
  return "";
}

/// Empty if backward() agrees with the differences in every element of every input that needs a gradient; otherwise
/// says what is wrong.
inline std::string gradient_fault(const OpRow& row, double tolerance = 1e-6) {
  const std::vector<Tensor> inputs = inputs_of(row, exact);
  const Tensor y = row.apply(inputs);
  backward(y, output_gradient(row, y, exact));
  const std::vector<double> weights = output_weights(row, y.size());
  const NoGrad numbers_only;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!row.inputs[i].wants_grad) continue;
    if (!inputs[i].grad()) return fmt::format("{}: input {} got no gradient", row.name, i);
    std::vector<double> numeric;
    for (int64_t k = 0; k < inputs[i].size(); ++k)
      numeric.push_back(
          central_difference(inputs[i].data<double>()[k], [&] { return weighted_output(row, inputs, weights); }));
    const std::string fault = compare_with_differences(inputs[i].grad().values(), numeric, tolerance);
    if (!fault.empty()) return fmt::format("{}: input {} {}", row.name, i, fault);
  }
  return "";
}

}  // namespace mneme::test
