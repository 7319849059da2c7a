#include "engine/cpu/winograd/winograd.h"

#include <initializer_list>
#include <utility>

#include "engine/cpu/chunks.h"
#include "engine/profiler.h"

namespace mneme::winograd {
namespace {

/// Tiles per block: few, so that the numbers of a block stay in the cache; many where the weights do not fit into the
/// cache.
int64_t tiles_per_block(int64_t channels) { return channels <= 64 ? 16 : channels <= 256 ? 32 : 96; }

/// The same, except where several images fit into a block. Then a block has whole images, as many as give blocks of
/// equal size and enough blocks for the threads to share.
int64_t even_tiles_per_block(const ConvShape& s) {
  constexpr int64_t enough = 4;
  const int64_t target = tiles_per_block(std::max(s.c, s.k));
  const int64_t tiles = (s.h + tile_edge - 1) / tile_edge * ((s.w + tile_edge - 1) / tile_edge);
  if (target < 2 * tiles) return target;
  const int64_t most = target / tiles, blocks = std::max((s.n + most - 1) / most, std::min(s.n, enough));
  return (s.n + blocks - 1) / blocks * tiles;
}

Layer layer_of(const ConvShape& s) { return {Tiling(s.n, s.h, s.w, even_tiles_per_block(s)), s.c, s.k}; }

/// dx is a convolution of dy with the roles of C and K exchanged.
Layer reversed(Layer layer) {
  std::swap(layer.inputs, layer.outputs);
  return layer;
}

Taps forward_taps(const ConvShape& s, const Tensor& w) { return {w.data<float>(), 9, 9 * s.c, false}; }
Taps backward_taps(const ConvShape& s, const Tensor& w) { return {w.data<float>(), 9 * s.c, 9, true}; }

/// How the work of a weight gradient is cut: each part of the images has its own sum, and each group of input channels
/// is independent.
struct GradientCut {
  int64_t blocks_per_part, parts, channels_per_group, groups;

  explicit GradientCut(const Layer& layer) {
    const int64_t blocks = layer.tiling.blocks();
    channels_per_group = std::min<int64_t>(layer.inputs, 64);
    groups = (layer.inputs + channels_per_group - 1) / channels_per_group;
    const int64_t target = std::max<int64_t>(2, (layer.weight_floats() <= 1 << 16 ? 16 : 8) / groups);
    blocks_per_part = (blocks + target - 1) / target;
    parts = (blocks + blocks_per_part - 1) / blocks_per_part;
  }
  ChannelRange channels(const Layer& layer, int64_t group) const {
    return {group * channels_per_group, std::min(layer.inputs, (group + 1) * channels_per_group)};
  }
};

/// The space of a block, with sets of lines and of tiles for these numbers of channels, and sums for `sums` channels.
BlockSpace block_space(Scratch& scratch, const Layer& layer, std::initializer_list<int64_t> lines,
                       std::initializer_list<int64_t> tiles, int64_t sums) {
  size_t floats = static_cast<size_t>(3 * sums);
  for (const int64_t channels : lines) floats += layer.line_floats(channels);
  for (const int64_t channels : tiles) floats += layer.tile_floats(channels);
  BlockSpace space{};
  float* at = scratch.floats(floats);
  space.sums = std::exchange(at, at + 3 * sums);
  float** to = space.lines;
  for (const int64_t channels : lines) *to++ = std::exchange(at, at + layer.line_floats(channels));
  to = space.tiles;
  for (const int64_t channels : tiles) *to++ = std::exchange(at, at + layer.tile_floats(channels));
  return space;
}

/// sum = parts[0] + parts[1] + ... in this order; each has `width` values.
void add_in_order(const double* parts, int64_t how_many, int64_t width, double* sum) {
  std::fill(sum, sum + width, 0.0);
  for (int64_t part = 0; part < how_many; ++part)
    for (int64_t i = 0; i < width; ++i) sum[i] += parts[part * width + i];
}

/// True if the tensor is deferred and has an affine map that the kernels' readers can apply.
bool can_follow(const Tensor& t) {
  const ChannelAffine* affine = pending(t);
  return affine && t.layout() == Layout::blocked && has_numbers(affine->x) && !(affine->x2 && affine->relu);
}

/// The map as the kernels read it; its x stays null while the numbers of x do not exist.
ImageSource source_of(const ChannelAffine& affine) {
  return {has_numbers(affine.x) ? affine.x.data<float>() : nullptr, affine.x2 ? affine.x2.data<float>() : nullptr,
          affine.coefficients.data<float>(), affine.relu};
}

/// The epilogue that completes a gradient as `completion` says; `made` is the input that a ReLU made.
Epilogue completing(const Completion& completion, const Tensor& waiting, const ImageSource& made) {
  return {Epilogue::Kind::complete, waiting ? waiting.data<float>() : nullptr, numbers_in<float>(completion.z),
          numbers_in<float>(completion.z2), made};
}

/// u = G w G^T for all channels.
Tensor weights_for(const Layer& layer, const Taps& taps, Device device) {
  const Tensor made = Tensor::empty({static_cast<int64_t>(layer.weight_floats())}, {device, DType::f32});
  float* u = made.data<float>();
  parallel_chunks(layer.inputs, 4, [&](int64_t begin, int64_t end) {
    kernels_in_use().transform_weights(layer, taps, {begin, end}, u);
  });
  return made;
}

/// A tensor as the kernels read it: an affine map if they can apply it, otherwise its numbers in the blocked layout.
class Readable {
 public:
  explicit Readable(const Tensor& t) {
    if (can_follow(t)) {
      const ChannelAffine& affine = *pending(t);
      kept_ = {affine.x, affine.x2, affine.coefficients};
      source_ = source_of(affine);
    } else {
      kept_ = {t.to(Layout::blocked)};
      source_ = {kept_.front().data<float>()};
    }
  }
  const ImageSource& source() const { return source_; }

 private:
  std::vector<Tensor> kept_;  // keeps the numbers alive
  ImageSource source_;
};

}  // namespace

bool Convolution::fits(const ConvShape& s) {
  return s.r == 3 && s.s == 3 && s.stride == 1 && s.pad == 1 && s.c % block_lanes == 0 && s.k % block_lanes == 0 &&
         s.h > 0 && s.w > 0;
}

void Convolution::prepare_workers() { workers_.resize(std::max(workers_.size(), static_cast<size_t>(threads()))); }

double* Convolution::zeroed_sums(int64_t count) {
  auto* sums = static_cast<double*>(sums_.bytes(static_cast<size_t>(count) * sizeof(double)));
  std::fill(sums, sums + count, 0.0);
  return sums;
}

Scratch& Convolution::mine() { return workers_[static_cast<size_t>(worker())]; }

/// Every chunk of blocks has sums of its own; they are added in the order of the chunks.
void Convolution::convolve_blocks(const Layer& layer, const ImageSource& in, const float* u, float* out,
                                  const Epilogue& epilogue, double* sums) {
  const std::lock_guard lock(mutex_);
  prepare_workers();
  const KernelTable& kernels = kernels_in_use();
  const int64_t blocks = layer.tiling.blocks(), per_chunk = (blocks + 63) / 64;
  const int64_t chunks = (blocks + per_chunk - 1) / per_chunk, width = epilogue.rows() * layer.outputs;
  double* parts = zeroed_sums(chunks * width);
  parallel_chunks_that_may_fail(blocks, per_chunk, [&](int64_t begin, int64_t end) {
    const BlockSpace space =
        block_space(mine(), layer, {layer.most_channels()}, {layer.inputs, layer.outputs}, layer.outputs);
    for (int64_t i = begin; i < end; ++i)
      kernels.convolve(layer, i, in, u, out, epilogue, parts + begin / per_chunk * width, space);
  });
  add_in_order(parts, chunks, width, sums);
}

void Convolution::convolve(const Layer& layer, const Tensor& in_any, const Taps& taps, Tensor& out,
                           const Epilogue& epilogue, double* sums) {
  const Readable in(in_any);
  const bool direct = out.layout() == Layout::blocked;
  const Tensor blocked = direct ? out : Tensor::empty(out.shape(), {out.device(), out.dtype(), Layout::blocked});
  const Tensor u = weights_for(layer, taps, out.device());
  convolve_blocks(layer, in.source(), u.data<float>(), blocked.data<float>(), epilogue, sums);
  if (!direct) out.copy_from(blocked);
}

void Convolution::conv2d(const ConvShape& s, const Tensor& x, const Tensor& w, Tensor& y) {
  convolve(layer_of(s), x, forward_taps(s, w), y, {}, nullptr);
}

/// A convolution that is computed when it is read. It holds the weights in transformed form, so that later changes of w
/// do not change the result.
class Convolution::Later : public LazyProducer {
 public:
  Later(Convolution& owner, const ConvShape& shape, const Tensor& x, const Tensor& w)
      : owner_(owner),
        shape_(shape),
        layer_(layer_of(shape)),
        in_(x),
        u_(weights_for(layer_, forward_taps(shape, w), x.device())) {}

  std::shared_ptr<Buffer> make(const ChannelAffine* affine) const override {
    const Shape y{shape_.n, shape_.k, shape_.h, shape_.w};
    std::shared_ptr<Buffer> made = buffer_for(y, {Device::cpu, DType::f32, Layout::blocked});
    Epilogue epilogue;
    if (affine) epilogue.kind = Epilogue::Kind::follow, epilogue.made = source_of(*affine);
    owner_.convolve_blocks(layer_, in_.source(), u_.data<float>(), reinterpret_cast<float*>(made->data()), epilogue,
                           nullptr);
    detail::report_deferred("conv2d", y, {{shape_.n, shape_.c, shape_.h, shape_.w}, {shape_.k, shape_.c, 3, 3}});
    return made;
  }

 private:
  Convolution& owner_;
  ConvShape shape_;
  Layer layer_;
  Readable in_;
  Tensor u_;
};

Tensor Convolution::conv2d_later(const ConvShape& s, const Tensor& x, const Tensor& w) {
  return deferred({s.n, s.k, s.h, s.w}, {Device::cpu, DType::f32, Layout::blocked},
                  std::make_unique<const Later>(*this, s, x, w));
}

void Convolution::conv2d_recorded(const ConvShape& s, const Tensor& x, const Tensor& w, Tensor& y) {
  if (y.layout() != Layout::blocked) return conv2d(s, x, w, y);
  const Tensor moments = channel_doubles(y.device(), 2, s.k);
  Epilogue epilogue;
  epilogue.kind = Epilogue::Kind::moments;
  convolve(layer_of(s), x, forward_taps(s, w), y, epilogue, doubles_in(moments));
  y.state()->storage->fused_statistics.moments = moments;
}

void Convolution::conv2d_dx(const ConvShape& s, const Tensor& w, const Tensor& dy, Tensor& dx) {
  convolve(reversed(layer_of(s)), dy, backward_taps(s, w), dx, {}, nullptr);
}

void Convolution::conv2d_completed_dx(const ConvShape& s, const Tensor& w, const Tensor& dy,
                                      const Completion& completion, Tensor& dx) {
  const Readable made(completion.made);
  const Tensor waiting = completion.waiting ? completion.waiting.to(Layout::blocked) : Tensor{};
  const Tensor products = channel_doubles(dx.device(), 3, s.c);
  const Epilogue epilogue = completing(completion, waiting, made.source());
  convolve(reversed(layer_of(s)), dy, backward_taps(s, w), dx, epilogue, doubles_in(products));
  completion.record(dx, products);
}

/// Only where there are few channels do the transformed x, dy and dx of a block and their weights stay in the second
/// cache together.
bool Convolution::fits_backward(const ConvShape& s) { return fits(s) && std::max(s.c, s.k) <= 64; }

void Convolution::backward(const ConvShape& s, const Tensor& x_any, const Tensor& w, const Tensor& dy_any,
                           const Completion& completion, Tensor& dx, Tensor& dw) {
  const Readable x(x_any), dy(dy_any), made(completion.made);
  const Tensor waiting = completion.waiting ? completion.waiting.to(Layout::blocked) : Tensor{};
  const Tensor products = channel_doubles(dx.device(), 3, s.c);
  const Epilogue epilogue = completing(completion, waiting, made.source());
  const KernelTable& kernels = kernels_in_use();
  const Layer layer = layer_of(s);
  const Tensor u = weights_for(reversed(layer), backward_taps(s, w), dx.device());
  const GradientCut cut(layer);
  const int64_t size = static_cast<int64_t>(layer.weight_floats()), width = 3 * s.c;
  const std::lock_guard lock(mutex_);
  prepare_workers();
  float* weight_sums = weights_.floats(static_cast<size_t>(size * cut.parts));
  double* sums = zeroed_sums(cut.parts * width);
  parallel_chunks_that_may_fail(cut.parts, 1, [&](int64_t part, int64_t) {
    const int64_t first = part * cut.blocks_per_part;
    const int64_t last = std::min(layer.tiling.blocks(), first + cut.blocks_per_part);
    const BlockSpace space = block_space(mine(), layer, {s.c, s.k, layer.most_channels()}, {s.c, s.k, s.k}, s.c);
    const DataGradient data{u.data<float>(), dx.data<float>(), epilogue, sums + part * width};
    for (int64_t i = first; i < last; ++i)
      kernels.backward(layer, i, x.source(), dy.source(), weight_sums + part * size, i > first, data, space);
  });
  add_in_order(sums, cut.parts, width, doubles_in(products));
  add_parts_in_order(weight_sums, cut.parts, size);
  float* to = dw.data<float>();
  parallel_chunks(s.c, 4, [&](int64_t begin, int64_t end) {
    kernels.finish_gradient(layer, {begin, end}, weight_sums, to);
  });
  completion.record(dx, products);
}

void Convolution::conv2d_dw(const ConvShape& s, const Tensor& x_any, const Tensor& dy_any, Tensor& dw) {
  const Readable x(x_any), dy(dy_any);
  const KernelTable& kernels = kernels_in_use();
  const Layer layer = layer_of(s);
  const GradientCut cut(layer);
  const int64_t size = static_cast<int64_t>(layer.weight_floats());
  const std::lock_guard lock(mutex_);
  prepare_workers();
  float* sums = weights_.floats(static_cast<size_t>(size * cut.parts));
  parallel_chunks_that_may_fail(cut.parts * cut.groups, 1, [&](int64_t item, int64_t) {
    const ChannelRange some = cut.channels(layer, item % cut.groups);
    const int64_t part = item / cut.groups, first = part * cut.blocks_per_part;
    const int64_t last = std::min(layer.tiling.blocks(), first + cut.blocks_per_part);
    const BlockSpace space =
        block_space(mine(), layer, {some.count(), layer.outputs}, {some.count(), layer.outputs}, 0);
    for (int64_t i = first; i < last; ++i)
      kernels.add_gradient(layer, i, some, x.source(), dy.source(), sums + part * size, i > first, space);
  });
  add_parts_in_order(sums, cut.parts, size);
  float* to = dw.data<float>();
  parallel_chunks(s.c, 4, [&](int64_t begin, int64_t end) { kernels.finish_gradient(layer, {begin, end}, sums, to); });
}

}  // namespace mneme::winograd
