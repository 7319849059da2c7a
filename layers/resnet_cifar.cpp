#include "layers/resnet_cifar.h"

namespace mneme {
namespace {

int blocks_per_stage(int depth) {
  MNEME_CHECK(depth >= 8 && (depth - 2) % 6 == 0, "a CIFAR ResNet has 6 n + 2 layers (20, 32, 44, 56, 110), not {}",
              depth);
  return (depth - 2) / 6;
}

}  // namespace

CifarResNet::CifarResNet(const Options& o, Factory& factory)
    : options(o),
      conv1({.in = 3, .out = 16, .kernel = 3, .pad = 1, .scaled = o.kernel_scales}, factory),
      bn1(16, factory) {
  const int n = blocks_per_stage(o.depth);
  const bool rectified = !o.signed_blocks;
  const auto stage = [&](int64_t in, int64_t out) {
    const BlockOptions first{.in = in,
                             .out = out,
                             .stride = in == out ? 1 : 2,
                             .shortcut = rectified ? o.shortcut : Shortcut::zero_pad,
                             .last_relu = rectified,
                             .last_gamma = rectified ? 1.0 : 0.0,
                             .kernel_scales = o.kernel_scales};
    return make_stage<BasicBlock>(n, first, rectified, factory);
  };
  layer1 = stage(16, 16);
  layer2 = stage(16, 32);
  layer3 = stage(32, 64);
}

bool CifarResNet::stands_apart(const BasicBlock& block) const {
  return options.signed_blocks && layer3.size() > 1 && &block == &layer3.back();
}

bool CifarResNet::rectified_after(const std::vector<BasicBlock>& stage) const {
  return !options.signed_blocks && (&stage != &layer3 || options.last_relu);
}

Features CifarResNet::forward(const Tensor& images, Mode mode) {
  Features out;
  Tensor x = relu(bn1(conv1(images), mode));
  for (std::vector<BasicBlock>* stage : {&layer1, &layer2, &layer3}) {
    for (BasicBlock& block : *stage) {
      if (stands_apart(block)) out.maps.push_back(x);
      x = block.forward(x, mode);
    }
    const Tensor sum = x;
    if (rectified_after(*stage)) x = relu(sum);
    out.maps.push_back(options.signed_maps ? sum : x);
  }
  out.pooled = global_average_pool(x);
  return out;
}

void CifarResNet::each_state(const std::string& at, const Visit& visit) {
  conv1.each_state(join(at, "conv1"), visit);
  bn1.each_state(join(at, "bn1"), visit);
  mneme::each_state(layer1, join(at, "layer1"), visit);
  mneme::each_state(layer2, join(at, "layer2"), visit);
  mneme::each_state(layer3, join(at, "layer3"), visit);
}

}  // namespace mneme
