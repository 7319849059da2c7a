#include "layers/resnet_imagenet.h"

namespace mneme {
namespace {

std::array<int, 4> blocks_per_stage(int depth) {
  MNEME_CHECK(depth == 18 || depth == 34 || depth == 50, "a ResNet for large images has 18, 34 or 50 layers, not {}",
              depth);
  return depth == 18 ? std::array{2, 2, 2, 2} : std::array{3, 4, 6, 3};
}

Conv2d stem(const ResNetOptions& o, Factory& factory) {
  if (o.signed_blocks) return Conv2d({.in = 3, .out = 64, .kernel = 3, .pad = 1, .scaled = o.kernel_scales}, factory);
  return Conv2d({.in = 3, .out = 64, .kernel = 7, .stride = 2, .pad = 3, .scaled = o.kernel_scales}, factory);
}

Tensor through(ImageNetResNet::Stage& stage, Tensor x, Mode mode) {
  std::visit(
      [&](auto& blocks) {
        for (auto& block : blocks) x = block.forward(x, mode);
      },
      stage);
  return x;
}

}  // namespace

ImageNetResNet::ImageNetResNet(const Options& o, Factory& factory)
    : options(o), conv1(stem(o, factory)), bn1(64, factory) {
  const std::array<int, 4> blocks = blocks_per_stage(o.depth);
  const bool bottlenecks = o.depth >= 50;
  int64_t in = 64;
  for (size_t s = 0; s < layers.size(); ++s) {
    const BlockOptions first{.in = in,
                             .out = int64_t{bottlenecks ? 256 : 64} << s,
                             .stride = s == 0 ? 1 : 2,
                             .shortcut = o.shortcut,
                             .last_gamma = o.signed_blocks ? 0.0 : 1.0,
                             .kernel_scales = o.kernel_scales};
    if (bottlenecks)
      layers[s] = make_stage<Bottleneck>(blocks[s], first, !o.signed_blocks, factory);
    else
      layers[s] = make_stage<BasicBlock>(blocks[s], first, !o.signed_blocks, factory);
    in = first.out;
  }
}

bool ImageNetResNet::rectified_after(size_t stage) const {
  return !options.signed_blocks && (stage + 1 < layers.size() || options.last_relu);
}

Features ImageNetResNet::forward(const Tensor& images, Mode mode) {
  Features out;
  Tensor x = max_pool(relu(bn1(conv1(images), mode)), {.window = 3, .stride = 2, .pad = 1});
  for (size_t s = 0; s < layers.size(); ++s) {
    const Tensor sum = through(layers[s], x, mode);
    x = rectified_after(s) ? relu(sum) : sum;
    out.maps.push_back(options.signed_maps ? sum : x);
  }
  out.pooled = global_average_pool(x);
  return out;
}

void ImageNetResNet::each_state(const std::string& at, const Visit& visit) {
  conv1.each_state(join(at, "conv1"), visit);
  bn1.each_state(join(at, "bn1"), visit);
  for (size_t s = 0; s < layers.size(); ++s)
    std::visit([&](auto& blocks) { mneme::each_state(blocks, join(at, fmt::format("layer{}", s + 1)), visit); },
               layers[s]);
}

}  // namespace mneme
