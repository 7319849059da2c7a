#pragma once
// Every operation the tape can record, forward and backward side by side in engine/ops/*.cpp. All inputs of one call
// live on one device and share one real type. N images or samples, C or K channels or classes, H x W pixels.

#include <vector>

#include "engine/autograd.h"
#include "engine/tensor.h"

namespace mneme {

// --- element-wise, one input (ops/unary.cpp); any shape
// ---------------------------------------------------------------
Tensor widened(const Tensor& x);   ///< bf16 as f32; x itself if it is of any other type
Tensor relu(const Tensor& x);      ///< max(x, 0); derivative at 0 is 0
Tensor sigmoid(const Tensor& x);   ///< 1 / (1 + e^-x)
Tensor softplus(const Tensor& x);  ///< ln(1 + e^x) without overflow; derivative sigmoid(x)
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor abs(const Tensor& x);  ///< derivative at 0 is 0
Tensor square(const Tensor& x);
Tensor scale(const Tensor& x, double factor);     ///< factor x
Tensor shift(const Tensor& x, double amount);     ///< x + amount
Tensor clamp_min(const Tensor& x, double least);  ///< max(x, least); derivative 0 where x <= least

// --- element-wise, two inputs (ops/binary.cpp); dimensions of size 1 or missing in front are repeated
// ------------------
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
/// a += b, for gradients and running values; not recorded. Same shape; b may be bf16 where a is f32.
void add_in_place(const Tensor& a, const Tensor& b);

// --- many small tensors at once (ops/foreach.cpp); not recorded
// ------------------------------------------------------------------
/// Tensors of one shape; images may differ in layout. Of all pairs given together, no two `to` share memory.
struct TensorPair {
  Tensor to, from;
};
/// to += from, as add_in_place does. On a GPU this takes a few kernels, not one for each pair.
void foreach_add(std::span<const TensorPair> pairs);
/// The same for to = from, converted to the type of `to`.
void foreach_copy(std::span<const TensorPair> pairs);

// --- sums (ops/reduce.cpp)
// --------------------------------------------------------------------------------------------
Tensor sum(const Tensor& x);                         ///< all elements -> scalar
Tensor mean(const Tensor& x);                        ///< all elements -> scalar
Tensor sum_last(const Tensor& x);                    ///< (..., K) -> (..., 1)
Tensor sum_to(const Tensor& x, const Shape& shape);  ///< undoes the repetition that binary operations do

// --- shape (ops/shape.cpp)
// --------------------------------------------------------------------------------------------
Tensor reshape(const Tensor& x, const Shape& shape);                ///< same elements in N, C, H, W order
Tensor concat_columns(const std::vector<Tensor>& parts);            ///< (N, K_i) ... -> (N, sum K_i)
Tensor slice_columns(const Tensor& x, int64_t begin, int64_t end);  ///< (N, K) -> (N, end - begin)
Tensor take_rows(const Tensor& x, const Tensor& rows);  ///< x (N, K), rows i32 (M) -> (M, K); a row outside x is NaN
/// x[n, columns[n, m]]: x (N, K), columns i32 (N, M), or (N) for M = 1 -> (N, M). A column outside x gives NaN.
Tensor pick(const Tensor& x, const Tensor& columns);

// --- per row (ops/softmax.cpp, ops/cross_entropy.cpp, ops/normalize.cpp)
// ------------------------------------------------
Tensor softmax(const Tensor& x);      ///< over the last dimension of (N, K)
Tensor log_softmax(const Tensor& x);  ///< over the last dimension of (N, K)
/// Per sample -log softmax(logits + offset)[label]: logits (N, K), labels i32 (N), offset (K) or undefined -> (N, 1).
/// A label outside [0, K) gives NaN. offset = log class counts makes it the balanced softmax; -inf excludes a class.
Tensor softmax_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& offset = {});
/// x / max(||x||_2, 1e-12) per row of (N, K).
Tensor normalize_rows(const Tensor& x);

// --- matrices (ops/matmul.cpp)
// ----------------------------------------------------------------------------------------
enum class T : uint8_t { none, first, second };  ///< which factor is transposed
Tensor matmul(const Tensor& a, const Tensor& b, T transposed = T::none);
/// y = x w^T + b: x (N, I), w (O, I), b (O) or undefined -> (N, O)
Tensor linear(const Tensor& x, const Tensor& w, const Tensor& b);

// --- images (ops/conv.cpp, ops/batch_norm.cpp, ops/pool.cpp, ops/strips.cpp, ops/shortcut.cpp)
// ------------------------------------------
struct ConvOptions {
  int64_t stride = 1;
  int64_t pad = 0;
};
/// x (N, C, H, W) correlated with w (K, C, R, S) -> (N, K, H', W'), H' = (H + 2 pad - R) / stride + 1
Tensor conv2d(const Tensor& x, const Tensor& w, ConvOptions options);

/// Running statistics of one batch norm. Written in place while training.
struct BatchNormStatistics {
  Tensor mean, variance;  // (C)
};
struct BatchNormOptions {
  bool training = true;  ///< normalise by the batch's own statistics; otherwise by the running ones
  bool update_running =
      true;  ///< while training: running <- (1 - momentum) running + momentum batch (variance unbiased)
  double momentum = 0.1;
  double eps = 1e-5;
};
/// y = gamma (x - mean) / sqrt(variance + eps) + beta per channel: x (N, C, H, W), gamma and beta (C)
Tensor batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, BatchNormStatistics& running,
                  BatchNormOptions options);

Tensor global_average_pool(const Tensor& x);  ///< (N, C, H, W) -> (N, C); of bf16 in f32
struct PoolOptions {
  int64_t window = 2, stride = 2, pad = 0;
};
Tensor max_pool(const Tensor& x, PoolOptions options);  ///< padding is never the maximum; ties go to the first
/// Sums of squares along each channel's rows, then along its columns: (N, C, H, W) -> (N, C H + C W), first all rows.
Tensor strip_energies(const Tensor& a);
/// Every stride-th pixel, with zero channels appended: the parameter-free shortcut ("option A") of He et al. 2016.
Tensor subsample_pad_channels(const Tensor& x, int64_t stride, int64_t channels);

}  // namespace mneme
