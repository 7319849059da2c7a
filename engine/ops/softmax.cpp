// Softmax and its logarithm over the rows of (N, K). The row's maximum is subtracted first, so that no exponential
// overflows.

#include <cmath>

#include "engine/ops.h"
#include "engine/ops/rows.h"

namespace mneme {
namespace {

/// p_j = e^{x_j} / sum_i e^{x_i}            dx_j = p_j (dy_j - sum_i p_i dy_i)
template <class R>
struct Softmax : RowMaximumThenSums<R> {
  static constexpr int stages = 2;
  const R* x;
  R* y;
  int64_t k;
  double bytes_each() const { return 2 * k * sizeof(R); }
  ON_DEVICE R term(int stage, const R* found, int64_t n, int64_t j) const {
    const int64_t at = n * k + j;
    if (stage == 0) return x[at];
    return y[at] = std::exp(x[at] - found[0]);
  }
  ON_DEVICE void write(const R* found, int64_t n, int64_t j) const { y[n * k + j] /= found[1]; }
};

template <class R>
struct SoftmaxBackward : RowSums<R> {
  static constexpr int stages = 1;
  const R *y, *dy;
  R* dx;
  int64_t k;
  double bytes_each() const { return 3 * k * sizeof(R); }
  ON_DEVICE R term(int, const R*, int64_t n, int64_t j) const { return y[n * k + j] * dy[n * k + j]; }
  ON_DEVICE void write(const R* found, int64_t n, int64_t j) const {
    dx[n * k + j] = y[n * k + j] * (dy[n * k + j] - found[0]);
  }
};

/// l_j = x_j - log sum_i e^{x_i}            dx_j = dy_j - e^{l_j} sum_i dy_i
template <class R>
struct LogSoftmax : RowMaximumThenSums<R> {
  static constexpr int stages = 2;
  const R* x;
  R* y;
  int64_t k;
  double bytes_each() const { return 2 * k * sizeof(R); }
  ON_DEVICE R term(int stage, const R* found, int64_t n, int64_t j) const {
    return stage == 0 ? x[n * k + j] : std::exp(x[n * k + j] - found[0]);
  }
  /// The logarithm is not added to the maximum: digits would be lost if that is large.
  ON_DEVICE R finished(int stage, R joined) const { return stage == 0 ? joined : std::log(joined); }
  ON_DEVICE void write(const R* found, int64_t n, int64_t j) const {
    y[n * k + j] = x[n * k + j] - found[0] - found[1];
  }
};

template <class R>
struct LogSoftmaxBackward : RowSums<R> {
  static constexpr int stages = 1;
  const R *y, *dy;
  R* dx;
  int64_t k;
  double bytes_each() const { return 3 * k * sizeof(R); }
  ON_DEVICE R term(int, const R*, int64_t n, int64_t j) const { return dy[n * k + j]; }
  ON_DEVICE void write(const R* found, int64_t n, int64_t j) const {
    dx[n * k + j] = dy[n * k + j] - std::exp(y[n * k + j]) * found[0];
  }
};

template <template <class> class Forward, template <class> class Backward>
Tensor row_op(const char* name, const Tensor& x) {
  MNEME_CHECK(x.rank() == 2 && x.dim(1) > 0, "{}: expected (N, K) with K > 0, got {}", name, x.shape().text());
  Tensor y = Tensor::empty(x.shape(), x.options());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each_row(x.device(), x.dim(0), x.dim(1), Forward<R>{{}, x.data<R>(), y.data<R>(), x.dim(1)});
  });
  return record(name, y, {x}, [saved = y.detach()](const Tensor& dy, NeedsInputGrad&) -> Grads {
    Tensor dx = Tensor::empty(saved.shape(), saved.options());
    with_real(saved.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each_row(saved.device(), saved.dim(0), saved.dim(1),
                   Backward<R>{{}, saved.data<R>(), dy.data<R>(), dx.data<R>(), saved.dim(1)});
    });
    return {dx};
  });
}

}  // namespace

Tensor softmax(const Tensor& x) { return row_op<Softmax, SoftmaxBackward>("softmax", x); }
Tensor log_softmax(const Tensor& x) { return row_op<LogSoftmax, LogSoftmaxBackward>("log_softmax", x); }

}  // namespace mneme
