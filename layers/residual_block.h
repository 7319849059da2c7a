#pragma once
// The blocks of residual networks: He et al., "Deep Residual Learning for Image Recognition", CVPR 2016. Names as in
// torchvision.

#include <optional>
#include <string>
#include <vector>

#include "layers/basic.h"

namespace mneme {

enum class Shortcut {
  projection,  ///< 1x1 convolution with the block's stride and batch norm where the shape changes ("option B")
  zero_pad     ///< every stride-th pixel, zeros for the new channels ("option A"); no parameters
};

/// "projection" or "zero-pad". Throws UsageError, listing them.
Shortcut shortcut_named(const std::string& name);
const char* name_of(Shortcut shortcut);

struct BlockOptions {
  int64_t in, out, stride = 1;
  Shortcut shortcut = Shortcut::projection;
  bool last_relu = true;       ///< off: the block's output is the sum itself and keeps both signs
  double last_gamma = 1;       ///< what the last batch norm's gamma starts from
  bool kernel_scales = false;  ///< Conv2d::Options::scaled, of all convolutions
};

/// What a block adds to its convolutions' answer: its input, brought to the output's shape where that is another.
struct ShortcutPath : Module {
  struct Projection {
    Conv2d conv;
    BatchNorm2d bn;
  };
  std::optional<Projection> projection;  // "downsample.0" and "downsample.1"

  ShortcutPath(const BlockOptions& o, Factory& factory);
  Tensor operator()(const Tensor& x, Mode mode);
  void each_state(const std::string& at, const Visit& visit) override;

 private:
  int64_t in_, out_, stride_;
};

/// Two 3x3 convolutions and a shortcut: Fig. 2 of the paper.
struct BasicBlock : Module {
  bool last_relu;
  Conv2d conv1;
  BatchNorm2d bn1;
  Conv2d conv2;
  BatchNorm2d bn2;
  ShortcutPath shortcut;

  BasicBlock(const BlockOptions& o, Factory& factory);
  Tensor forward(const Tensor& x, Mode mode);
  void each_state(const std::string& at, const Visit& visit) override;
};

/// 1x1, 3x3 and 1x1 convolutions and a shortcut, a quarter of the output's channels inside: Fig. 5, right. The 3x3
/// convolution has the stride, as in torchvision ("v1.5"); the paper gives it to the first.
struct Bottleneck : Module {
  bool last_relu;
  Conv2d conv1;
  BatchNorm2d bn1;
  Conv2d conv2;
  BatchNorm2d bn2;
  Conv2d conv3;
  BatchNorm2d bn3;
  ShortcutPath shortcut;

  Bottleneck(const BlockOptions& o, Factory& factory);
  Tensor forward(const Tensor& x, Mode mode);
  void each_state(const std::string& at, const Visit& visit) override;
};

/// So many blocks in a row, the first as described, the others without stride. The first has its ReLU if `first` says
/// so, those between first and last if `inner_relu` does; the last one leaves its own to the network.
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

template <class Block>
void each_state(std::vector<Block>& stage, const std::string& at, const Visit& visit) {
  for (size_t i = 0; i < stage.size(); ++i) stage[i].each_state(join(at, std::to_string(i)), visit);
}

/// What both families of residual networks have in common, and what methods want otherwise.
struct ResNetOptions {
  int depth = 32;
  Shortcut shortcut = Shortcut::projection;
  bool last_relu = true;       ///< off: no ReLU after the very last addition
  bool signed_blocks = false;  ///< PODNet's network; what that is differs between the families
  bool signed_maps =
      false;  ///< maps are handed out as the sums before their ReLU, as SS-IL does; features do not change
  bool kernel_scales = false;  ///< every kernel of every convolution has a factor: Mnemonics' network
};

}  // namespace mneme
