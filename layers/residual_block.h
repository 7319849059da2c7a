#pragma once
// The blocks of residual networks: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016. Names are
// those of torchvision.

#include <optional>
#include <string>
#include <vector>

#include "layers/basic.h"

namespace mneme {

/// The operation of a shortcut where the shape changes.
enum class Shortcut {
  projection,  ///< 1x1 convolution with the block's stride, and batch norm ("option B")
  zero_pad     ///< every stride-th pixel, and zeros for the new channels ("option A"); no parameters
};

/// The shortcut of this name: "projection" or "zero-pad". Throws UsageError, listing them, for other names.
Shortcut shortcut_named(const std::string& name);
/// The name of a shortcut.
const char* name_of(Shortcut shortcut);

/// The sizes and variants of a block.
struct BlockOptions {
  int64_t in,                                ///< input channels
      out,                                   ///< output channels
      stride = 1;                            ///< step in pixels
  Shortcut shortcut = Shortcut::projection;  ///< where the shape changes
  bool last_relu = true;                     ///< off: the block's output is the sum itself and keeps both signs
  double last_gamma = 1;                     ///< gamma of the last batch norm at first
  bool kernel_scales = false;                ///< Conv2d::Options::scaled of all convolutions
};

/// The shortcut of a block: the block's input, brought to the shape of the output where the shape changes.
struct ShortcutPath : Module {
  /// A 1x1 convolution and a batch norm.
  struct Projection {
    Conv2d conv;     ///< "downsample.0"
    BatchNorm2d bn;  ///< "downsample.1"
  };
  std::optional<Projection> projection;  ///< only where the shape changes, with Shortcut::projection

  /// A shortcut for a block of these sizes.
  ShortcutPath(const BlockOptions& o, Factory& factory);
  /// (N, in, H, W) -> (N, out, H', W').
  Tensor operator()(const Tensor& x, Mode mode);
  void each_state(const std::string& at, const Visit& visit) override;

 private:
  int64_t in_, out_, stride_;
};

/// Two 3x3 convolutions and a shortcut: Fig. 2 of the paper.
struct BasicBlock : Module {
  bool last_relu;         ///< whether a ReLU follows the addition
  Conv2d conv1;           ///< 3x3, with the stride
  BatchNorm2d bn1;        ///< after conv1
  Conv2d conv2;           ///< 3x3
  BatchNorm2d bn2;        ///< after conv2
  ShortcutPath shortcut;  ///< what is added

  /// A block of these sizes with weights from `factory`.
  BasicBlock(const BlockOptions& o, Factory& factory);
  /// (N, in, H, W) -> (N, out, H', W').
  Tensor forward(const Tensor& x, Mode mode);
  void each_state(const std::string& at, const Visit& visit) override;
};

/// 1x1, 3x3 and 1x1 convolutions and a shortcut, with a quarter of the output's channels inside: Fig. 5, right. The 3x3
/// convolution has the stride, as in torchvision ("v1.5"); in the paper the first one has it.
struct Bottleneck : Module {
  bool last_relu;         ///< whether a ReLU follows the addition
  Conv2d conv1;           ///< 1x1
  BatchNorm2d bn1;        ///< after conv1
  Conv2d conv2;           ///< 3x3, with the stride
  BatchNorm2d bn2;        ///< after conv2
  Conv2d conv3;           ///< 1x1
  BatchNorm2d bn3;        ///< after conv3
  ShortcutPath shortcut;  ///< what is added

  /// A block of these sizes with weights from `factory`.
  Bottleneck(const BlockOptions& o, Factory& factory);
  /// (N, in, H, W) -> (N, out, H', W').
  Tensor forward(const Tensor& x, Mode mode);
  void each_state(const std::string& at, const Visit& visit) override;
};

/// A stage of `blocks` blocks: the first as `first` describes it, the others with stride 1. The first block has a ReLU
/// at its end if `first` says so, the blocks between first and last if `inner_relu`. The last one has none: the network
/// adds it.
template <class Block>
std::vector<Block> make_stage(int blocks, BlockOptions first, bool inner_relu, Factory& factory) {
  std::vector<Block> stage;
  BlockOptions o = first;
  for (int i = 0; i < blocks; ++i) {
    if (i > 0) o.in = o.out, o.stride = 1, o.last_relu = inner_relu;
    if (i + 1 == blocks) o.last_relu = false;
    stage.emplace_back(o, factory);
  }
  return stage;
}

/// Visits all blocks of a stage; their names are their numbers.
template <class Block>
void each_state(std::vector<Block>& stage, const std::string& at, const Visit& visit) {
  for (size_t i = 0; i < stage.size(); ++i) stage[i].each_state(join(at, std::to_string(i)), visit);
}

/// The options that both families of residual networks share, and the variants that methods need.
struct ResNetOptions {
  int depth = 32;                            ///< number of layers with weights
  Shortcut shortcut = Shortcut::projection;  ///< where the shape changes
  bool last_relu = true;                     ///< off: no ReLU after the very last addition
  bool signed_blocks = false;                ///< true: as in PODNet's code; each family says what it changes
  /// On: maps are returned as the sums before their ReLU, as in SS-IL; features do not change.
  bool signed_maps = false;
  bool kernel_scales = false;  ///< every kernel of every convolution has a factor: the network of Mnemonics
};

}  // namespace mneme
