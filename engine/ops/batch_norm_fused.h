#pragma once
// The fused path of batch normalisation (Note [Deferred]): what a convolution next to it has already computed, and an
// output that the next operation may compute. batch_norm.cpp has the formulas, and computes the same without these
// shortcuts.

#include "engine/deferred.h"

namespace mneme {

/// The sums of x and of x^2 for each channel, doubles (2, C), which the convolution that made x (N, C, H, W) stored while
/// it wrote x. Undefined if it stored none.
Tensor fused_moments(const Tensor& x);

/// Sums that the convolution which made a gradient dy stored while it wrote dy.
struct FusedProducts {
  Tensor sums;      ///< doubles (3, C): of dy, and of dy times each of two tensors; undefined if there are none
  int64_t row = 0;  ///< the row that holds the sums of dy times x
};
/// The stored sums of dy and of dy x, both (N, C, H, W); undefined sums if the convolution stored none for this x.
FusedProducts fused_products(const Tensor& x, const Tensor& dy);

/// The tensor a x + a2 x2 + c that `affine` describes. A device that fuses operations defers it; others compute it now.
Tensor affine_output(ChannelAffine affine);

}  // namespace mneme
