// Softmax and its logarithm over the rows of (N, K). The row's maximum is subtracted first, so that no exponential
// overflows.

#include <cmath>

#include "engine/launch.h"
#include "engine/ops.h"

namespace mneme {
namespace {

template <class R>
ON_DEVICE R row_max(const R* x, int64_t k) {
  R most = x[0];
  for (int64_t j = 1; j < k; ++j) most = x[j] > most ? x[j] : most;
  return most;
}

/// p_j = e^{x_j} / sum_i e^{x_i}            dx_j = p_j (dy_j - sum_i p_i dy_i)
template <class R>
struct Softmax {
  const R* x;
  R* y;
  int64_t k;
  ON_DEVICE void operator()(int64_t n) const {
    const R *in = x + n * k, most = row_max(in, k);
    R *out = y + n * k, total = 0;
    for (int64_t j = 0; j < k; ++j) total += out[j] = std::exp(in[j] - most);
    for (int64_t j = 0; j < k; ++j) out[j] /= total;
  }
};

template <class R>
struct SoftmaxBackward {
  const R *y, *dy;
  R* dx;
  int64_t k;
  ON_DEVICE void operator()(int64_t n) const {
    const int64_t at = n * k;
    R dot = 0;
    for (int64_t j = at; j < at + k; ++j) dot += y[j] * dy[j];
    for (int64_t j = at; j < at + k; ++j) dx[j] = y[j] * (dy[j] - dot);
  }
};

/// l_j = x_j - log sum_i e^{x_i}            dx_j = dy_j - e^{l_j} sum_i dy_i
template <class R>
struct LogSoftmax {
  const R* x;
  R* y;
  int64_t k;
  ON_DEVICE void operator()(int64_t n) const {
    const R *in = x + n * k, most = row_max(in, k);
    R total = 0;
    for (int64_t j = 0; j < k; ++j) total += std::exp(in[j] - most);
    const R log_total = std::log(total);  // not added to `most`: digits would be lost if the maximum is large
    for (int64_t j = 0; j < k; ++j) y[n * k + j] = in[j] - most - log_total;
  }
};

template <class R>
struct LogSoftmaxBackward {
  const R *y, *dy;
  R* dx;
  int64_t k;
  ON_DEVICE void operator()(int64_t n) const {
    const int64_t at = n * k;
    R total = 0;
    for (int64_t j = at; j < at + k; ++j) total += dy[j];
    for (int64_t j = at; j < at + k; ++j) dx[j] = dy[j] - std::exp(y[j]) * total;
  }
};

template <template <class> class Forward, template <class> class Backward>
Tensor row_op(const char* name, const Tensor& x) {
  MNEME_CHECK(x.rank() == 2 && x.dim(1) > 0, "{}: expected (N, K) with K > 0, got {}", name, x.shape().text());
  Tensor y = Tensor::empty(x.shape(), x.options());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), x.dim(0), Forward<R>{x.data<R>(), y.data<R>(), x.dim(1)});
  });
  return record(name, y, {x}, [saved = y.detach()](const Tensor& dy, NeedsInputGrad&) -> Grads {
    Tensor dx = Tensor::empty(saved.shape(), saved.options());
    with_real(saved.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each(saved.device(), saved.dim(0), Backward<R>{saved.data<R>(), dy.data<R>(), dx.data<R>(), saved.dim(1)});
    });
    return {dx};
  });
}

}  // namespace

Tensor softmax(const Tensor& x) { return row_op<Softmax, SoftmaxBackward>("softmax", x); }
Tensor log_softmax(const Tensor& x) { return row_op<LogSoftmax, LogSoftmaxBackward>("log_softmax", x); }

}  // namespace mneme
