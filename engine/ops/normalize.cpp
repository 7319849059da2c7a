// Rows scaled to unit length.

#include <cmath>

#include "engine/ops.h"
#include "engine/ops/rows.h"

namespace mneme {
namespace {

/// u = x / max(||x||, 1e-12)              dx = (du - (du . u) u) / max(||x||, 1e-12)
template <class R>
struct Forward : RowSums<R> {
  static constexpr int stages = 1;
  const R* x;
  R *u, *norm;
  int64_t k;
  double bytes_each() const { return (2 * k + 1) * sizeof(R); }
  ON_DEVICE R term(int, const R*, int64_t n, int64_t j) const { return x[n * k + j] * x[n * k + j]; }
  ON_DEVICE R finished(int, R squares) const {
    const R length = std::sqrt(squares);
    return length > R(1e-12) ? length : R(1e-12);
  }
  ON_DEVICE void write(const R* found, int64_t n, int64_t j) const { u[n * k + j] = x[n * k + j] / found[0]; }
  ON_DEVICE void end(const R* found, int64_t n) const { norm[n] = found[0]; }
};

template <class R>
struct Backward : RowSums<R> {
  static constexpr int stages = 1;
  const R *u, *norm, *du;
  R* dx;
  int64_t k;
  double bytes_each() const { return (3 * k + 1) * sizeof(R); }
  ON_DEVICE R term(int, const R*, int64_t n, int64_t j) const { return du[n * k + j] * u[n * k + j]; }
  ON_DEVICE void write(const R* found, int64_t n, int64_t j) const {
    dx[n * k + j] = (du[n * k + j] - found[0] * u[n * k + j]) / norm[n];
  }
};

}  // namespace

Tensor normalize_rows(const Tensor& x) {
  MNEME_CHECK(x.rank() == 2, "normalize_rows: expected (N, K), got {}", x.shape().text());
  Tensor u = Tensor::empty(x.shape(), x.options()), norm = Tensor::empty({x.dim(0)}, x.options());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each_row(x.device(), x.dim(0), x.dim(1), Forward<R>{{}, x.data<R>(), u.data<R>(), norm.data<R>(), x.dim(1)});
  });
  return record("normalize_rows", u, {x}, [saved = u.detach(), norm](const Tensor& du, NeedsInputGrad&) -> Grads {
    Tensor dx = Tensor::empty(saved.shape(), saved.options());
    with_real(saved.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each_row(saved.device(), saved.dim(0), saved.dim(1),
                   Backward<R>{{}, saved.data<R>(), norm.data<R>(), du.data<R>(), dx.data<R>(), saved.dim(1)});
    });
    return {dx};
  });
}

}  // namespace mneme
