#pragma once
// The residual networks for 32x32 images: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016,
// section 4.2. Depth 6 n + 2: a 3x3 convolution, then three stages of n blocks with 16, 32 and 64 channels on maps of
// 32, 16 and 8 pixels a side, then a global average. ResNet-32 (n = 5) has 466 256 parameters and 64 features.

#include "layers/backbone.h"
#include "layers/residual_block.h"

namespace mneme {

struct CifarResNet : Backbone {
  /// Depths are 20, 32, 44, 56, 110: 6 n + 2. Signed blocks, PODNet's: no ReLU after any addition, shortcuts without
  /// parameters (whatever `shortcut` says), second batch norms that start from gamma 0, and from two blocks per stage
  /// on a fourth map: what the last block is given.
  using Options = ResNetOptions;

  Options options;
  Conv2d conv1;
  BatchNorm2d bn1;
  std::vector<BasicBlock> layer1, layer2, layer3;

  CifarResNet(const Options& o, Factory& factory);
  Features forward(const Tensor& images, Mode mode) override;
  int64_t feature_size() const override { return 64; }
  std::unique_ptr<Backbone> copy() const override { return std::make_unique<CifarResNet>(*this); }
  void each_state(const std::string& at, const Visit& visit) override;

 private:
  bool stands_apart(const BasicBlock& block) const;
  bool rectified_after(const std::vector<BasicBlock>& stage) const;
};

}  // namespace mneme
