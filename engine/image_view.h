#pragma once
// An image tensor as the formula of Note [Layout] sees it.

#include "engine/base/on_device.h"
#include "engine/tensor.h"

namespace mneme {

struct ImageView {
  int64_t images, groups, pixels, lanes;
  ON_DEVICE int64_t channels() const { return groups * lanes; }
};

inline ImageView image_view(const Tensor& x) {
  MNEME_CHECK(x.rank() == 4, "expected an image tensor (N, C, H, W), got {}", x.shape().text());
  const int64_t lanes = x.layout() == Layout::plain ? 1 : x.layout() == Layout::blocked ? block_lanes : x.dim(1);
  return {x.dim(0), x.dim(1) / lanes, x.dim(2) * x.dim(3), lanes};
}

/// The index of element (n, c, p) in an image tensor's memory.
ON_DEVICE inline int64_t image_index(const ImageView& v, int64_t n, int64_t c, int64_t p) {
  return ((n * v.groups + c / v.lanes) * v.pixels + p) * v.lanes + c % v.lanes;
}

}  // namespace mneme
