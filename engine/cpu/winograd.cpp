#include "engine/cpu/winograd.h"

#include "engine/cpu/chunks.h"
#include "engine/cpu/winograd_kernels.h"

namespace mneme {
namespace {

/// Tiles per block: enough to reuse the weights read from the cache, few enough that the block's own numbers stay there.
int64_t tiles_per_block(int64_t channels) { return channels <= 64 ? 16 : channels <= 128 ? 32 : 64; }

/// How a weight gradient is cut. Each part of the images has its own sum; each group of input channels is independent.
struct GradientCut {
  int64_t blocks_per_part, parts, channels_per_group, groups;

  GradientCut(const Tiling& g, int64_t inputs) {
    channels_per_group = std::min<int64_t>(inputs, 64);
    groups = (inputs + channels_per_group - 1) / channels_per_group;
    const int64_t wanted = std::max<int64_t>(2, 8 / groups);
    blocks_per_part = (g.blocks() + wanted - 1) / wanted;
    parts = (g.blocks() + blocks_per_part - 1) / blocks_per_part;
  }
};

TileSpace tile_space(Scratch& scratch, int64_t tiles, int64_t inputs, int64_t outputs) {
  const size_t for_inputs = WinogradKernels::tile_floats(tiles, inputs), for_outputs = WinogradKernels::tile_floats(tiles, outputs);
  float* space = scratch.floats(for_inputs + for_outputs);
  return {space, space + for_inputs};
}

}  // namespace

bool Winograd::fits(const ConvShape& s) {
  return s.r == 3 && s.s == 3 && s.stride == 1 && s.pad == 1 && s.c % block_lanes == 0 && s.k % block_lanes == 0 && s.h > 0 && s.w > 0;
}

Scratch& Winograd::mine() { return workers_[static_cast<size_t>(worker())]; }

void Winograd::convolve(const ConvShape& s, const Tensor& in_any, const Tensor& w, bool backwards, Tensor& out_any) {
  const Tensor in = in_any.to(Layout::blocked);
  Tensor out = out_any.layout() == Layout::blocked ? out_any : Tensor::empty(out_any.shape(), in.like());
  const TapView forward{s.c, s.k, 9, 9 * s.c, false}, turned{s.k, s.c, 9 * s.c, 9, true};
  const TapView view = backwards ? turned : forward;
  const WinogradKernels& kernels = winograd_kernels();
  const Tiling tiling(s.n, s.h, s.w, tiles_per_block(std::max(s.c, s.k)));
  {
    const std::lock_guard lock(mutex_);
    workers_.resize(std::max(workers_.size(), static_cast<size_t>(threads())));
    float* u = weights_.floats(kernels.weight_floats(s.c, s.k));
    const float *weights = w.data<float>(), *from = in.data<float>();
    float* to = out.data<float>();
    parallel_chunks(view.inputs, 4, [&](int64_t begin, int64_t end) { kernels.transform_weights(view, weights, u, begin, end); });
    parallel_chunks_that_may_fail(tiling.blocks(), 1, [&](int64_t i, int64_t) {
      kernels.convolve(tiling, i, view.inputs, view.outputs, from, u, to, tile_space(mine(), tiling.most_tiles(), view.inputs, view.outputs));
    });
  }
  if (out_any.layout() != Layout::blocked) out_any.copy_from(out);
}

void Winograd::conv2d(const ConvShape& s, const Tensor& x, const Tensor& w, Tensor& y) { convolve(s, x, w, false, y); }
void Winograd::conv2d_dx(const ConvShape& s, const Tensor& w, const Tensor& dy, Tensor& dx) { convolve(s, dy, w, true, dx); }

void Winograd::conv2d_dw(const ConvShape& s, const Tensor& x_any, const Tensor& dy_any, Tensor& dw) {
  const Tensor x_blocked = x_any.to(Layout::blocked), dy_blocked = dy_any.to(Layout::blocked);
  const float *x = x_blocked.data<float>(), *dy = dy_blocked.data<float>();
  const WinogradKernels& kernels = winograd_kernels();
  const Tiling tiling(s.n, s.h, s.w, tiles_per_block(std::max(s.c, s.k)));
  const GradientCut cut(tiling, s.c);
  const std::lock_guard lock(mutex_);
  workers_.resize(std::max(workers_.size(), static_cast<size_t>(threads())));
  const size_t size = kernels.weight_floats(s.c, s.k);
  float* sums = weights_.floats(size * static_cast<size_t>(cut.parts));
  parallel_chunks(cut.parts, 1, [&](int64_t part, int64_t) { std::fill_n(sums + static_cast<size_t>(part) * size, size, 0.0f); });
  parallel_chunks_that_may_fail(cut.parts * cut.groups, 1, [&](int64_t item, int64_t) {
    const int64_t part = item / cut.groups, begin = item % cut.groups * cut.channels_per_group,
                  end = std::min(s.c, begin + cut.channels_per_group);
    const int64_t last = std::min(tiling.blocks(), (part + 1) * cut.blocks_per_part);
    const TileSpace space = tile_space(mine(), tiling.most_tiles(), end - begin, s.k);
    for (int64_t i = part * cut.blocks_per_part; i < last; ++i)
      kernels.add_gradient(tiling, i, s.c, s.k, begin, end, x, dy, sums + static_cast<size_t>(part) * size, space);
  });
  float* to = dw.data<float>();
  parallel_chunks(s.c, 4, [&](int64_t begin, int64_t end) { kernels.finish_gradient(s.c, s.k, sums, cut.parts, to, begin, end); });
}

}  // namespace mneme
