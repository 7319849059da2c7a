#include "engine/cpu/winograd.h"

#include "engine/cpu/chunks.h"

namespace mneme {
namespace {

/// Tiles per block: few, so that a block's own numbers stay in the cache; many where the weights do not fit there.
int64_t tiles_per_block(int64_t channels) { return channels <= 256 ? 16 : 96; }

WinogradLayer layer_of(const ConvShape& s) {
  return {Tiling(s.n, s.h, s.w, tiles_per_block(std::max(s.c, s.k))), s.c, s.k};
}

/// dx is a convolution of dy, with the roles of C and K exchanged.
WinogradLayer reversed(WinogradLayer layer) {
  std::swap(layer.inputs, layer.outputs);
  return layer;
}

/// How a weight gradient is cut: each part of the images has its own sum, each group of input channels is independent.
struct GradientCut {
  int64_t blocks_per_part, parts, channels_per_group, groups;

  explicit GradientCut(const WinogradLayer& layer) {
    const int64_t blocks = layer.tiling.blocks();
    channels_per_group = std::min<int64_t>(layer.inputs, 64);
    groups = (layer.inputs + channels_per_group - 1) / channels_per_group;
    const int64_t wanted = std::max<int64_t>(2, 8 / groups);
    blocks_per_part = (blocks + wanted - 1) / wanted;
    parts = (blocks + blocks_per_part - 1) / blocks_per_part;
  }
  ChannelRange channels(const WinogradLayer& layer, int64_t group) const {
    return {group * channels_per_group, std::min(layer.inputs, (group + 1) * channels_per_group)};
  }
};

TileSpace tile_space(Scratch& scratch, const WinogradLayer& layer, int64_t inputs) {
  const size_t for_inputs = layer.tile_floats(inputs);
  float* space = scratch.floats(for_inputs + layer.tile_floats(layer.outputs));
  return {space, space + for_inputs};
}

}  // namespace

bool Winograd::fits(const ConvShape& s) {
  return s.r == 3 && s.s == 3 && s.stride == 1 && s.pad == 1 && s.c % block_lanes == 0 && s.k % block_lanes == 0 &&
         s.h > 0 && s.w > 0;
}

Scratch& Winograd::mine() { return workers_[static_cast<size_t>(worker())]; }

void Winograd::convolve(const WinogradLayer& layer, const Tensor& in_any, const Taps& taps, Tensor& out) {
  const Tensor in = in_any.to(Layout::blocked);
  const bool direct = out.layout() == Layout::blocked;
  const Tensor blocked = direct ? out : Tensor::empty(out.shape(), in.like());
  const float* from = in.data<float>();
  float* to = blocked.data<float>();
  const WinogradKernels& kernels = winograd_kernels();
  {
    const std::lock_guard lock(mutex_);
    workers_.resize(std::max(workers_.size(), static_cast<size_t>(threads())));
    float* u = weights_.floats(layer.weight_floats());
    parallel_chunks(layer.inputs, 4, [&](int64_t begin, int64_t end) {
      kernels.transform_weights(layer, taps, {begin, end}, u);
    });
    parallel_chunks_that_may_fail(layer.tiling.blocks(), 1, [&](int64_t i, int64_t) {
      kernels.convolve(layer, i, from, u, to, tile_space(mine(), layer, layer.inputs));
    });
  }
  if (!direct) out.copy_from(blocked);
}

void Winograd::conv2d(const ConvShape& s, const Tensor& x, const Tensor& w, Tensor& y) {
  convolve(layer_of(s), x, {w.data<float>(), 9, 9 * s.c, false}, y);
}

void Winograd::conv2d_dx(const ConvShape& s, const Tensor& w, const Tensor& dy, Tensor& dx) {
  convolve(reversed(layer_of(s)), dy, {w.data<float>(), 9 * s.c, 9, true}, dx);
}

void Winograd::conv2d_dw(const ConvShape& s, const Tensor& x_any, const Tensor& dy_any, Tensor& dw) {
  const Tensor x_blocked = x_any.to(Layout::blocked), dy_blocked = dy_any.to(Layout::blocked);
  const float *x = x_blocked.data<float>(), *dy = dy_blocked.data<float>();
  const WinogradKernels& kernels = winograd_kernels();
  const WinogradLayer layer = layer_of(s);
  const GradientCut cut(layer);
  const int64_t size = static_cast<int64_t>(layer.weight_floats());
  const std::lock_guard lock(mutex_);
  workers_.resize(std::max(workers_.size(), static_cast<size_t>(threads())));
  float* sums = weights_.floats(static_cast<size_t>(size * cut.parts));
  parallel_chunks_that_may_fail(cut.parts * cut.groups, 1, [&](int64_t item, int64_t) {
    const ChannelRange some = cut.channels(layer, item % cut.groups);
    const int64_t part = item / cut.groups, first = part * cut.blocks_per_part;
    const int64_t last = std::min(layer.tiling.blocks(), first + cut.blocks_per_part);
    const TileSpace space = tile_space(mine(), layer, some.count());
    for (int64_t i = first; i < last; ++i)
      kernels.add_gradient(layer, i, some, x, dy, sums + part * size, i > first, space);
  });
  add_parts_in_order(sums, cut.parts, size);
  float* to = dw.data<float>();
  parallel_chunks(s.c, 4, [&](int64_t begin, int64_t end) { kernels.finish_gradient(layer, {begin, end}, sums, to); });
}

}  // namespace mneme
