#include "engine/ops/converted_weights.h"

#include "engine/device.h"
#include "engine/ops.h"
#include "engine/precision.h"

namespace mneme {

ConvertedWeights::ConvertedWeights(std::span<const Tensor> weights) {
  std::vector<TensorPair> pairs;
  for (const Tensor& w : weights) {
    Backend& device = backend(w.device());
    if (w.rank() != 4 || !device.runs_behind()) continue;
    const DType type = precision() == Precision::bf16 && device.takes_bf16() ? DType::bf16 : w.dtype();
    const Layout layout = device.weight_layout({1, w.dim(1), w.dim(2), w.dim(3), w.dim(0), w.dim(2), w.dim(3)});
    if (type == w.dtype() && layout == w.layout()) continue;
    pairs.push_back({Tensor::empty(w.shape(), {w.device(), type, layout}), w.detach()});
    w.state()->converted = pairs.back().to;
    weights_.push_back(w);
  }
  foreach_copy(pairs);
}

ConvertedWeights::~ConvertedWeights() {
  for (const Tensor& w : weights_) w.state()->converted = {};
}

Tensor converted_weight(const Tensor& w, DType type, Layout layout) {
  const Tensor& there = w.state()->converted;
  return there && there.dtype() == type && there.layout() == layout ? there : w.to(type, layout);
}

}  // namespace mneme
