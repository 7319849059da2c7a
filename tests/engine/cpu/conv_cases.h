#pragma once
// Random convolutions, computed by the three passes of a device, and the distance between two results.

#include <cmath>
#include <string>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "engine/device.h"

namespace mneme::test {

inline std::string text(const ConvShape& s) {
  return fmt::format("x ({}, {}, {}, {}) w ({}, {}, {}, {}) stride {} pad {}", s.n, s.c, s.h, s.w, s.k, s.c, s.r, s.s,
                     s.stride, s.pad);
}

inline std::vector<float> normal_values(int64_t count, uint32_t which) {
  std::vector<float> values(static_cast<size_t>(count));
  const RandomKey key = random_key(11, Stream::init);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(normal(key, {which, 0, static_cast<uint32_t>(i), 0}));
  return values;
}

/// The tensors x, w and dy of one convolution: the same float values on every device.
struct ConvInputs {
  Shape x_shape, w_shape, y_shape;
  std::vector<float> x, w, dy;
  explicit ConvInputs(const ConvShape& s)
      : x_shape{s.n, s.c, s.h, s.w},
        w_shape{s.k, s.c, s.r, s.s},
        y_shape{s.n, s.k, s.out_h(), s.out_w()},
        x(normal_values(x_shape.elements(), 1)),
        w(normal_values(w_shape.elements(), 2)),
        dy(normal_values(y_shape.elements(), 3)) {}
};

/// y, dx and dw in N, C, H, W order.
struct ConvResults {
  std::vector<double> y, dx, dw;
  bool operator==(const ConvResults&) const = default;
};

inline ConvResults results(const ConvShape& s, const ConvInputs& in, TensorOptions x_options, TensorOptions y_options) {
  Backend& device = backend(x_options.device);
  const TensorOptions w_options{x_options.device, x_options.dtype, Layout::plain};
  const Tensor x = Tensor::from(in.x, in.x_shape, x_options), w = Tensor::from(in.w, in.w_shape, w_options),
               dy = Tensor::from(in.dy, in.y_shape, y_options);
  Tensor y = Tensor::full(in.y_shape, NAN, y_options), dx = Tensor::full(in.x_shape, NAN, x_options),
         dw = Tensor::full(in.w_shape, NAN, w_options);
  device.conv2d(s, x, w, y);
  device.conv2d_dx(s, w, dy, dx);
  device.conv2d_dw(s, x, dy, dw);
  return {y.values(), dx.values(), dw.values()};
}

inline ConvResults reference_results(const ConvShape& s, const ConvInputs& in, DType type) {
  return results(s, in, {Device::reference, type, Layout::plain}, {Device::reference, type, Layout::plain});
}

inline ConvResults cpu_results(const ConvShape& s, const ConvInputs& in) {
  const auto tensor_options = [](int64_t channels) {
    return TensorOptions{Device::cpu, DType::f32, backend(Device::cpu).feature_layout(channels)};
  };
  return results(s, in, tensor_options(s.c), tensor_options(s.k));
}

/// max |a - b| / max |b|; the distance of a NaN is infinite.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, scale = 0;
  for (size_t i = 0; i < b.size(); ++i) {
    const double d = std::abs(a[i] - b[i]);
    difference = std::isnan(d) ? INFINITY : std::max(difference, d);
    scale = std::max(scale, std::abs(b[i]));
  }
  return scale > 0 ? difference / scale : difference;
}

/// The largest distance among the three passes.
inline double distance(const ConvResults& a, const ConvResults& b) {
  return std::max({distance(a.y, b.y), distance(a.dx, b.dx), distance(a.dw, b.dw)});
}

/// The result of `compute` with this number of threads.
template <class Compute>
auto with_threads(int count, const Compute& compute) {
  const int before = threads();
  set_threads(count);
  auto result = compute();
  set_threads(before);
  return result;
}

}  // namespace mneme::test
