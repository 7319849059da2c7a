// Matrix products.

#include "engine/device.h"
#include "engine/ops.h"
#include "engine/ops/inputs.h"

namespace mneme {
namespace {

Tensor product(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
  Tensor c = Tensor::empty({a.dim(transpose_a ? 1 : 0), b.dim(transpose_b ? 0 : 1)}, a.options());
  backend(a.device()).matmul(a, transpose_a, b, transpose_b, c);
  return c;
}

}  // namespace

/// c = op(a) op(b), where `transposed` says which factor op transposes:
///   none    c = a b       da = dc b^T     db = a^T dc
///   first   c = a^T b     da = b dc^T     db = a dc
///   second  c = a b^T     da = dc b       db = dc^T a
Tensor matmul(const Tensor& a, const Tensor& b, Transpose transposed) {
  const bool ta = transposed == Transpose::first, tb = transposed == Transpose::second;
  MNEME_CHECK(a.rank() == 2 && b.rank() == 2 && a.dim(ta ? 0 : 1) == b.dim(tb ? 1 : 0),
              "matmul: {}{} does not fit {}{}", a.shape().text(), ta ? "^T" : "", b.shape().text(), tb ? "^T" : "");
  check_same_kind("matmul", a, b);
  const Tensor c = product(a, b, ta, tb);
  return record("matmul", c, {a, b},
                [a = a.detach(), b = b.detach(), ta, tb](const Tensor& dc, NeedsInputGrad& needs_input_grad) -> Grads {
                  return {
                      needs_input_grad[0] ? (ta ? product(b, dc, false, true) : product(dc, b, false, !tb)) : Tensor{},
                      needs_input_grad[1] ? (tb ? product(dc, a, true, false) : product(a, dc, !ta, false)) : Tensor{}};
                });
}

Tensor linear(const Tensor& x, const Tensor& w, const Tensor& b) {
  MNEME_CHECK(x.rank() == 2 && w.rank() == 2 && x.dim(1) == w.dim(1),
              "linear: expected x (N, I) and w (O, I), got {} and {}", x.shape().text(), w.shape().text());
  const Tensor y = matmul(x, w, Transpose::second);
  return b ? add(y, b) : y;
}

}  // namespace mneme
