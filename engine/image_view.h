#pragma once
// An image tensor as the formula of Note [Layout] describes it.

#include "engine/base/on_device.h"
#include "engine/tensor.h"

namespace mneme {

/// The sizes in that formula, for a tensor of C = groups * lanes channels.
struct ImageView {
  int64_t images,  ///< N
      groups,      ///< G = C / L
      pixels,      ///< P = H W
      lanes;       ///< L
  /// The number of channels C.
  ON_DEVICE int64_t channels() const { return groups * lanes; }
};

/// The view of an image tensor (N, C, H, W). Throws Error if x has another rank.
inline ImageView image_view(const Tensor& x) {
  MNEME_CHECK(x.rank() == 4, "expected an image tensor (N, C, H, W), got {}", x.shape().text());
  const int64_t lanes = x.layout() == Layout::plain ? 1 : x.layout() == Layout::blocked ? block_lanes : x.dim(1);
  return {x.dim(0), x.dim(1) / lanes, x.dim(2) * x.dim(3), lanes};
}

/// The index of element (n, c, p) in the memory of an image tensor, p = row * W + column.
ON_DEVICE inline int64_t image_index(const ImageView& v, int64_t n, int64_t c, int64_t p) {
  return ((n * v.groups + c / v.lanes) * v.pixels + p) * v.lanes + c % v.lanes;
}

}  // namespace mneme
