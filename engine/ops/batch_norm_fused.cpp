#include "engine/ops/batch_norm_fused.h"

#include "engine/device.h"

namespace mneme {

Tensor fused_moments(const Tensor& x) {
  const Tensor& found = x.state()->storage->fused_statistics.moments;
  return found && found.dim(1) == x.dim(1) ? found : Tensor{};
}

FusedProducts fused_products(const Tensor& x, const Tensor& dy) {
  const FusedStatistics& found = dy.state()->storage->fused_statistics;
  const auto& storage = x.state()->storage;
  if (found.z.lock() == storage) return {found.products, 1};
  if (found.z2.lock() == storage) return {found.products, 2};
  return {};
}

Tensor affine_output(ChannelAffine affine) {
  const Tensor out = deferred(std::move(affine));
  if (!backend(out.device()).fuses()) out.raw();
  return out;
}

}  // namespace mneme
