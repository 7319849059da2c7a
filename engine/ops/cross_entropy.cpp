// Softmax and cross-entropy in one step, with an optional offset that is added to the logits inside the softmax only.

#include <cmath>
#include <limits>

#include "engine/launch.h"
#include "engine/ops.h"
#include "engine/ops/inputs.h"

namespace mneme {
namespace {

/// q = softmax(z + o)     loss = -log q_y     d loss / dz = q - e_y, and d loss / do is its sum over the samples
template <class R>
struct Forward {
  const R *z, *offset;
  const int32_t* labels;
  R *q, *loss;
  int64_t k;

  ON_DEVICE R shifted(const R* row, int64_t j) const { return offset ? row[j] + offset[j] : row[j]; }

  ON_DEVICE void operator()(int64_t n) const {
    const R* row = z + n * k;
    R most = shifted(row, 0), total = 0;
    for (int64_t j = 1; j < k; ++j) most = shifted(row, j) > most ? shifted(row, j) : most;
    for (int64_t j = 0; j < k; ++j) total += q[n * k + j] = std::exp(shifted(row, j) - most);
    for (int64_t j = 0; j < k; ++j) q[n * k + j] /= total;
    const int32_t y = labels[n];
    loss[n] = y >= 0 && y < k ? std::log(total) - (shifted(row, y) - most) : R(NAN);
  }
};

template <class R>
struct Backward {
  const R *q, *dy;
  const int32_t* labels;
  R* dz;
  int64_t k;
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
    for_each(logits.device(), n,
             Forward<R>{logits.data<R>(), offset ? offset.data<R>() : nullptr, labels.data<int32_t>(), q.data<R>(),
                        loss.data<R>(), k});
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
