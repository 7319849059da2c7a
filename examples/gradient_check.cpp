// An operation of one's own, and the proof that its gradient is right. The operation is swish, y = x sigmoid(x)
// (Ramachandran et al., "Searching for Activation Functions", 2017), which the engine does not have.
//
// The proof compares what backward() says with differences (f(x + h) - f(x - h)) / 2h in double precision, for one
// input element after another. A gradient with a deliberate mistake is checked too, and must be found out.

#include <fmt/core.h>

#include <cmath>

#include "engine/launch.h"
#include "engine/ops.h"

using namespace mneme;

namespace {

/// The formula for element i. The engine runs such functors as loops, threaded on the CPU; a source that nvcc compiles
/// runs them on a GPU, too.
template <class R>
struct SwishForward {
  const R* x;
  R* y;
  ON_DEVICE void operator()(int64_t i) const { y[i] = x[i] / (1 + std::exp(-x[i])); }
};

/// dL/dx = dL/dy s (1 + x (1 - s)), s = sigmoid(x).
template <class R>
struct SwishBackward {
  const R *x, *dy;
  R* dx;
  ON_DEVICE void operator()(int64_t i) const {
    const R s = 1 / (1 + std::exp(-x[i]));
    dx[i] = dy[i] * s * (1 + x[i] * (1 - s));
  }
};

/// The gradient of swish(). The closure of its step captures x detached: if it held x with its place on the tape, the
/// step would never be freed.
Grads swish_gradient(const Tensor& x, const Tensor& dy) {
  Tensor dx = Tensor::empty(x.shape(), x.options());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), x.size(), SwishBackward<R>{x.data<R>(), dy.data<R>(), dx.data<R>()});
  });
  return {dx};
}

/// y = x sigmoid(x), element by element; x of any shape, f32 or f64, in plain layout.
Tensor swish(const Tensor& x) {
  Tensor y = Tensor::empty(x.shape(), x.options());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), x.size(), SwishForward<R>{x.data<R>(), y.data<R>()});
  });
  return record("swish", y, {x}, [x = x.detach()](const Tensor& dy, NeedsInputGrad&) { return swish_gradient(x, dy); });
}

/// Swish with a wrong derivative, to show that the check finds it.
Tensor mistaken_swish(const Tensor& x) {
  return record("mistaken swish", swish(x).detach(), {x},
                [](const Tensor& dy, NeedsInputGrad&) -> Grads { return {dy}; });
}

/// The largest difference, relative to 1, between backward() and differences of f(x) = sum(op(x)^2) / 2.
double gradient_error(Tensor (*op)(const Tensor&)) {
  const auto f = [op](const Tensor& x) { return scale(sum(square(op(x))), 0.5); };
  // The reference device computes in double precision.
  Tensor x = Tensor::from(std::vector<double>{-3, -1.2, -0.1, 0.4, 1, 2.5}, {2, 3}, {Device::reference, DType::f64});
  x.requires_grad();
  backward(f(x));
  const std::vector<double> analytic = x.grad().values();
  const NoGrad numbers_only;
  double worst = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    constexpr double h = 1e-5;
    double& element = x.data<double>()[i];
    const double before = element;
    element = before + h;
    const double above = f(x).item();
    element = before - h;
    const double below = f(x).item();
    element = before;
    worst = std::max(worst, std::abs(analytic[static_cast<size_t>(i)] - (above - below) / (2 * h)));
  }
  return worst;
}

}  // namespace

int main() {
  const double error = gradient_error(swish), mistake = gradient_error(mistaken_swish);
  fmt::print("swish: backward and differences are {:.1e} apart\n", error);
  fmt::print("swish with a wrong derivative: {:.1e} apart\n", mistake);
  return error < 1e-8 && mistake > 1e-2 ? 0 : 1;
}
