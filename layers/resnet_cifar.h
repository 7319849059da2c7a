#pragma once
// The residual networks for 32x32 images: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016,
// section 4.2. Depth 6 n + 2: a 3x3 convolution, then three stages of n blocks with 16, 32 and 64 channels on maps of
// 32, 16 and 8 pixels a side, then a global average. ResNet-32 (n = 5) has 466 256 parameters and 64 features.

#include <optional>

#include "layers/backbone.h"
#include "layers/basic.h"

namespace mneme {

enum class Shortcut {
  projection,  ///< 1x1 convolution with stride 2 and batch norm where the shape changes ("option B")
  zero_pad     ///< every second pixel, zeros for the new channels ("option A"); no parameters
};

/// Two 3x3 convolutions and a shortcut: Fig. 2 of the paper.
struct BasicBlock : Module {
  struct Options {
    int64_t in, out, stride = 1;
    Shortcut shortcut = Shortcut::projection;
    bool last_relu = true;  ///< off: the block's output keeps both signs, as cosine classifiers want
    double last_gamma = 1;  ///< what the second batch norm's gamma starts from
  };
  struct Projection {
    Conv2d conv;
    BatchNorm2d bn;
  };

  Options options;
  Conv2d conv1;
  BatchNorm2d bn1;
  Conv2d conv2;
  BatchNorm2d bn2;
  std::optional<Projection> downsample;

  BasicBlock(const Options& o, Factory& factory);
  Tensor forward(const Tensor& x, Mode mode);
  void each_state(const std::string& at, const Visit& visit) override;

 private:
  Tensor shortcut(const Tensor& x, Mode mode);
};

struct CifarResNet : Backbone {
  struct Options {
    int depth = 32;  ///< 20, 32, 44, 56, 110: 6 n + 2
    Shortcut shortcut = Shortcut::projection;
    bool last_relu = true;  ///< off: no ReLU after the very last addition
    /// PODNet's network: no ReLU after any addition, shortcuts without parameters (whatever `shortcut` says), second
    /// batch norms that start from gamma 0, and from two blocks per stage on a fourth map: what the last block is
    /// given.
    bool signed_blocks = false;
  };

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
};

}  // namespace mneme
