#include "engine/cost.h"

#include <string_view>

namespace mneme {
namespace {

bool is_convolution(const OpEvent& e) { return std::string_view(e.op).starts_with("conv") && e.inputs.size() >= 2; }
bool is_product(const OpEvent& e) { return std::string_view(e.op).starts_with("matmul") && e.inputs.size() == 2; }

double tiles(int64_t side) { return static_cast<double>((side + 3) / 4); }

/// A tile of 4x4 outputs takes 36 products for each pair of channels, where the definition takes 144.
double winograd_products(const Shape& y, const Shape& w) {
  return 36 * tiles(y[2]) * tiles(y[3]) * static_cast<double>(y[0] * w[0] * w[1]);
}

bool fits_winograd(const OpEvent& e) {
  const Shape &x = e.inputs[0].shape, &w = e.inputs[1].shape;
  return w[2] == 3 && w[3] == 3 && e.output[2] == x[2] && e.output[3] == x[3];
}

Cost forward_arithmetic(const OpEvent& e) {
  if (is_product(e)) {
    const double flops = 2.0 * static_cast<double>(e.output.elements() * e.inputs[0].shape.elements()) /
                         static_cast<double>(e.output[0]);
    return {flops, flops};
  }
  if (!is_convolution(e)) return {};
  const Shape& w = e.inputs[1].shape;
  const double direct = 2.0 * static_cast<double>(e.output.elements() * w[1] * w[2] * w[3]);
  return {direct, fits_winograd(e) ? 2 * winograd_products(e.output, w) : direct};
}

double elements_of(const Shape& shape) { return shape.rank() ? static_cast<double>(shape.elements()) : 0; }

}  // namespace

Cost cost_of(const OpEvent& e, double number_bytes) {
  if (e.pass == Pass::gradient_sums) return {};
  Cost cost = forward_arithmetic(e);
  double numbers = elements_of(e.output), factors_wanted = 0;
  for (size_t i = 0; i < e.inputs.size(); ++i) {
    numbers += elements_of(e.inputs[i].shape);
    if (e.pass == Pass::forward || !e.inputs[i].needs_input_grad) continue;
    numbers += elements_of(e.inputs[i].shape);
    factors_wanted += i < 2;
  }
  if (e.pass == Pass::backward) cost.flops *= factors_wanted, cost.winograd_flops *= factors_wanted;
  cost.bytes = numbers * number_bytes;
  return cost;
}

Cost operator+(const Cost& a, const Cost& b) {
  return {a.flops + b.flops, a.winograd_flops + b.winograd_flops, a.bytes + b.bytes};
}
Cost operator*(double factor, const Cost& c) { return {factor * c.flops, factor * c.winograd_flops, factor * c.bytes}; }

}  // namespace mneme
