#pragma once
// The residual networks for 224x224 images, as in torchvision: He et al., "Deep Residual Learning for Image
// Recognition", CVPR 2016, table 1. A 7x7 convolution with stride 2; a maximum over 3x3 with stride 2; four stages of
// 64 to 512 channels (four times as many with bottlenecks) on maps of 56, 28, 14 and 7 pixels a side; a global average.
// Images of other sizes work as well.
//
//   depth   blocks per stage             parameters    features
//   18      2 2 2 2, basic               11 176 512    512
//   34      3 4 6 3, basic               21 284 672    512
//   50      3 4 6 3, bottlenecks         23 508 032    2048
//
// Parameters have the names and the initialisation of torchvision. Its last layer, "fc", is not in the backbone: the
// classifier takes its place.

#include <array>
#include <variant>

#include "layers/backbone.h"
#include "layers/residual_block.h"

namespace mneme {

/// A residual network for large images.
struct ImageNetResNet : Backbone {
  /// `signed_blocks` gives the network of PODNet: the first convolution is 3x3 without stride, so that all maps are
  /// twice as large; the first block of a stage ends with a ReLU, the others and the stages do not; the last batch norm
  /// of each block has gamma 0 at first. Shortcuts are as `shortcut` says.
  using Options = ResNetOptions;
  /// The blocks of a stage, all of one kind.
  using Stage = std::variant<std::vector<BasicBlock>, std::vector<Bottleneck>>;

  Options options;              ///< the options of the constructor
  Conv2d conv1;                 ///< 3 -> 64 channels
  BatchNorm2d bn1;              ///< after conv1
  std::array<Stage, 4> layers;  ///< "layer1" to "layer4"

  /// A network with weights from `factory`. Throws Error unless the depth is 18, 34 or 50.
  ImageNetResNet(const Options& o, Factory& factory);
  Features forward(const Tensor& images, Mode mode) override;
  int64_t feature_size() const override { return options.depth < 50 ? 512 : 2048; }
  std::unique_ptr<Backbone> copy() const override { return std::make_unique<ImageNetResNet>(*this); }
  void each_state(const std::string& at, const Visit& visit) override;

 private:
  bool rectified_after(size_t stage) const;
};

}  // namespace mneme
