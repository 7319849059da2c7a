// Softmax and cross-entropy in one step, with an optional offset that is added to the logits inside the softmax only.

#include <cmath>

#include "engine/ops.h"
#include "engine/ops/inputs.h"
#include "engine/ops/rows.h"

namespace mneme {
namespace {

/// q = softmax(z + o)     loss = -log q_y     d loss / dz = q - e_y, and d loss / do is its sum over the samples
template <class R>
struct Forward : RowMaximumThenSums<R> {
  static constexpr int stages = 2;
  const R *z, *offset;
  const int32_t* labels;
  R *q, *loss;
  int64_t k;

  double bytes_each() const { return 2 * k * sizeof(R) + sizeof(int32_t) + sizeof(R); }
  ON_DEVICE R shifted(int64_t n, int64_t j) const { return offset ? z[n * k + j] + offset[j] : z[n * k + j]; }
  ON_DEVICE R term(int stage, const R* found, int64_t n, int64_t j) const {
    if (stage == 0) return shifted(n, j);
    return q[n * k + j] = std::exp(shifted(n, j) - found[0]);
  }
  ON_DEVICE void write(const R* found, int64_t n, int64_t j) const { q[n * k + j] /= found[1]; }
  ON_DEVICE void end(const R* found, int64_t n) const {
    const int32_t y = labels[n];
    loss[n] = y >= 0 && y < k ? std::log(found[1]) - (shifted(n, y) - found[0]) : R(NAN);
  }
};

template <class R>
struct Backward {
  const R *q, *dy;
  const int32_t* labels;
  R* dz;
  int64_t k;
  double bytes_each() const { return 2 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const { dz[i] = dy[i / k] * (q[i] - R(labels[i / k] == i % k)); }
};

}  // namespace

Tensor softmax_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& offset) {
  MNEME_CHECK(logits.rank() == 2 && labels.dtype() == DType::i32 && labels.size() == logits.dim(0),
              "softmax_cross_entropy: expected logits (N, K) and N i32 labels, got {} and {}", logits.shape().text(),
              labels.shape().text());
  MNEME_CHECK(!offset || offset.size() == logits.dim(1), "softmax_cross_entropy: {} logits but {} offsets",
              logits.dim(1), offset.size());
  check_same_device("softmax_cross_entropy", logits, labels);
  if (offset) check_same_kind("softmax_cross_entropy", logits, offset);
  const int64_t n = logits.dim(0), k = logits.dim(1);
  Tensor q = Tensor::empty(logits.shape(), logits.options()), loss = Tensor::empty({n, 1}, logits.options());
  with_real(logits.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each_row(logits.device(), n, k,
                 Forward<R>{{},
                            logits.data<R>(),
                            offset ? offset.data<R>() : nullptr,
                            labels.data<int32_t>(),
                            q.data<R>(),
                            loss.data<R>(),
                            k});
  });
  return record("softmax_cross_entropy", loss, {logits, offset},
                [q, labels, k](const Tensor& dy, NeedsInputGrad& needs_input_grad) -> Grads {
                  Tensor dz = Tensor::empty(q.shape(), q.options());
                  with_real(q.dtype(), [&](auto kind) {
                    using R = decltype(kind);
                    for_each(q.device(), q.size(),
                             Backward<R>{q.data<R>(), dy.data<R>(), labels.data<int32_t>(), dz.data<R>(), k});
                  });
                  return {dz, needs_input_grad[1] ? sum_to_size(dz, {k}) : Tensor{}};
                });
}

}  // namespace mneme
