#include "layers/resnet_cifar.h"

namespace mneme {
namespace {

int blocks_per_stage(int depth) {
  MNEME_CHECK(depth >= 8 && (depth - 2) % 6 == 0, "a CIFAR ResNet has 6 n + 2 layers (20, 32, 44, 56, 110), not {}",
              depth);
  return (depth - 2) / 6;
}

std::vector<BasicBlock> make_stage(int blocks, BasicBlock::Options first, bool last_relu, Factory& factory) {
  std::vector<BasicBlock> stage;
  for (int i = 0; i < blocks; ++i) {
    BasicBlock::Options o = first;
    if (i > 0) o.in = o.out, o.stride = 1;
    if (i + 1 == blocks) o.last_relu = last_relu;
    stage.emplace_back(o, factory);
  }
  return stage;
}

void each_block(std::vector<BasicBlock>& stage, const std::string& at, const Visit& visit) {
  for (size_t i = 0; i < stage.size(); ++i) stage[i].each_state(join(at, std::to_string(i)), visit);
}

}  // namespace

BasicBlock::BasicBlock(const Options& o, Factory& factory)
    : options(o),
      conv1({.in = o.in, .out = o.out, .kernel = 3, .stride = o.stride, .pad = 1}, factory),
      bn1(o.out, factory),
      conv2({.in = o.out, .out = o.out, .kernel = 3, .pad = 1}, factory),
      bn2(o.out, factory, o.last_gamma) {
  const bool changes = o.stride != 1 || o.in != o.out;
  if (changes && o.shortcut == Shortcut::projection)
    downsample = Projection{Conv2d({.in = o.in, .out = o.out, .kernel = 1, .stride = o.stride}, factory),
                            BatchNorm2d(o.out, factory)};
}

Tensor BasicBlock::shortcut(const Tensor& x, Mode mode) {
  if (downsample) return downsample->bn(downsample->conv(x), mode);
  if (options.stride == 1 && options.in == options.out) return x;
  return subsample_pad_channels(x, options.stride, options.out);
}

Tensor BasicBlock::forward(const Tensor& x, Mode mode) {
  Tensor y = relu(bn1(conv1(x), mode));
  y = bn2(conv2(y), mode);
  y = add(y, shortcut(x, mode));
  return options.last_relu ? relu(y) : y;
}

void BasicBlock::each_state(const std::string& at, const Visit& visit) {
  conv1.each_state(join(at, "conv1"), visit);
  bn1.each_state(join(at, "bn1"), visit);
  conv2.each_state(join(at, "conv2"), visit);
  bn2.each_state(join(at, "bn2"), visit);
  if (!downsample) return;
  downsample->conv.each_state(join(at, "downsample.0"), visit);
  downsample->bn.each_state(join(at, "downsample.1"), visit);
}

CifarResNet::CifarResNet(const Options& o, Factory& factory)
    : options(o), conv1({.in = 3, .out = 16, .kernel = 3, .pad = 1}, factory), bn1(16, factory) {
  const int n = blocks_per_stage(o.depth);
  const bool rectified = !o.signed_blocks;
  const auto stage = [&](int64_t in, int64_t out, bool last_relu) {
    const BasicBlock::Options first{.in = in,
                                    .out = out,
                                    .stride = in == out ? 1 : 2,
                                    .shortcut = rectified ? o.shortcut : Shortcut::zero_pad,
                                    .last_relu = rectified,
                                    .last_gamma = rectified ? 1.0 : 0.0};
    return make_stage(n, first, last_relu && rectified, factory);
  };
  layer1 = stage(16, 16, true);
  layer2 = stage(16, 32, true);
  layer3 = stage(32, 64, o.last_relu);
}

bool CifarResNet::stands_apart(const BasicBlock& block) const {
  return options.signed_blocks && layer3.size() > 1 && &block == &layer3.back();
}

Features CifarResNet::forward(const Tensor& images, Mode mode) {
  Features out;
  Tensor x = relu(bn1(conv1(images), mode));
  for (std::vector<BasicBlock>* stage : {&layer1, &layer2, &layer3}) {
    for (BasicBlock& block : *stage) {
      if (stands_apart(block)) out.maps.push_back(x);
      x = block.forward(x, mode);
    }
    out.maps.push_back(x);
  }
  out.pooled = global_average_pool(x);
  return out;
}

void CifarResNet::each_state(const std::string& at, const Visit& visit) {
  conv1.each_state(join(at, "conv1"), visit);
  bn1.each_state(join(at, "bn1"), visit);
  each_block(layer1, join(at, "layer1"), visit);
  each_block(layer2, join(at, "layer2"), visit);
  each_block(layer3, join(at, "layer3"), visit);
}

}  // namespace mneme
