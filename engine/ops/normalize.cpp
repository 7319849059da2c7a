// Rows scaled to unit length.

#include <cmath>

#include "engine/launch.h"
#include "engine/ops.h"

namespace mneme {
namespace {

/// u = x / max(||x||, 1e-12)              dx = (du - (du . u) u) / max(||x||, 1e-12)
template <class R>
struct Forward {
  const R* x;
  R *u, *norm;
  int64_t k;
  ON_DEVICE void operator()(int64_t n) const {
    R squares = 0;
    for (int64_t j = n * k; j < (n + 1) * k; ++j) squares += x[j] * x[j];
    const R length = std::sqrt(squares);
    norm[n] = length > R(1e-12) ? length : R(1e-12);
    for (int64_t j = n * k; j < (n + 1) * k; ++j) u[j] = x[j] / norm[n];
  }
};

template <class R>
struct Backward {
  const R *u, *norm, *du;
  R* dx;
  int64_t k;
  ON_DEVICE void operator()(int64_t n) const {
    R along = 0;
    for (int64_t j = n * k; j < (n + 1) * k; ++j) along += du[j] * u[j];
    for (int64_t j = n * k; j < (n + 1) * k; ++j) dx[j] = (du[j] - along * u[j]) / norm[n];
  }
};

}  // namespace

Tensor normalize_rows(const Tensor& x) {
  MNEME_CHECK(x.rank() == 2, "normalize_rows: expected (N, K), got {}", x.shape().text());
  Tensor u = Tensor::empty(x.shape(), x.options()), norm = Tensor::empty({x.dim(0)}, x.options());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), x.dim(0), Forward<R>{x.data<R>(), u.data<R>(), norm.data<R>(), x.dim(1)});
  });
  return record("normalize_rows", u, {x}, [saved = u.detach(), norm](const Tensor& du, NeedsInputGrad&) -> Grads {
    Tensor dx = Tensor::empty(saved.shape(), saved.options());
    with_real(saved.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each(saved.device(), saved.dim(0),
               Backward<R>{saved.data<R>(), norm.data<R>(), du.data<R>(), dx.data<R>(), saved.dim(1)});
    });
    return {dx};
  });
}

}  // namespace mneme
