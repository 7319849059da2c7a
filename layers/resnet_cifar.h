#pragma once
// The residual networks for 32x32 images: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016, section
// 4.2. Of depth 6 n + 2: a 3x3 convolution; three stages of n blocks with 16, 32 and 64 channels on maps of 32, 16 and
// 8 pixels a side; a global average. ResNet-32 (n = 5) has 466 256 parameters and 64 features.

#include "layers/backbone.h"
#include "layers/residual_block.h"

namespace mneme {

/// A residual network for small images.
struct CifarResNet : Backbone {
  /// The depth is 6 n + 2 with n >= 1: 8, 14, 20, 32, 44, 56, 110. `signed_blocks` gives the network of PODNet: no ReLU
  /// after any addition, shortcuts without parameters (whatever `shortcut` says), second batch norms with gamma 0 at
  /// first, and, if there are two or more blocks per stage, a fourth map: the input of the last block.
  using Options = ResNetOptions;

  Options options;                 ///< the options of the constructor
  Conv2d conv1;                    ///< 3 -> 16 channels
  BatchNorm2d bn1;                 ///< after conv1
  std::vector<BasicBlock> layer1,  ///< 16 channels
      layer2,                      ///< 32 channels
      layer3;                      ///< 64 channels

  /// A network with weights from `factory`. Throws Error for a depth that is not 6 n + 2.
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
