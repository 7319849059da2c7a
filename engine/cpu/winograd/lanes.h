#pragma once
// The kernels of Note [Winograd] for vectors of Lanes floats: 16 (AVX-512), 8 (AVX2) or 4 (any CPU). One source file
// for each instruction set includes this header and is compiled for that set. Everything that is not a template is
// local to that file, so that no instruction of one set can get into a function that another set shares.

#include "engine/cpu/winograd/kernels.h"
#include "engine/cpu/winograd/lines.h"
#include "engine/cpu/winograd/products.h"
#include "engine/cpu/winograd/reader.h"

namespace mneme::winograd {
namespace {

/// Prefetches the pixels of a block before they are used, some with the product of every position. One pixel of 16
/// channels is one cache line.
class Ahead {
 public:
  Ahead(const Tiling& g, const TileBlock& b, int64_t channels) {
    const int64_t first = b.first_row * tile_edge;
    plane_ = g.height * g.width;
    run_ = least(b.rows * tile_edge, g.height - first) * g.width;
    planes_ = b.images * (channels / block);
    offset_ = channel_offset(g, channels, b.first_image, 0) + first * g.width * block;
  }
  /// Prefetches this tensor too, unless it is null.
  Ahead& of(const float* data) {
    if (data) tensors_[count_++] = data + offset_;
    return *this;
  }
  Ahead& of(const ImageSource& source) { return of(source.x).of(source.x2); }
  void step(int64_t position) {
    for (int64_t left = run_ * planes_ * (position + 1) / positions - done_; left > 0;) {
      const int64_t some = least(left, run_ - pixel_);
      for (int t = 0; t < count_; ++t)
        for (int64_t i = 0; i < some; ++i) __builtin_prefetch(tensors_[t] + at_ + i * block);
      left -= some, done_ += some, pixel_ += some, at_ += some * block;
      if (pixel_ == run_) pixel_ = 0, at_ += (plane_ - run_) * block;
    }
  }

 private:
  const float* tensors_[6] = {};
  int count_ = 0;
  int64_t offset_, plane_, run_, planes_, at_ = 0, pixel_ = 0, done_ = 0;
};

TileBlock block_after(const Tiling& g, int64_t index) { return g.block(index + 1 < g.blocks() ? index + 1 : index); }

/// The pixels of one channel in a block.
int64_t pixels_of(const Tiling& g, const TileBlock& b) {
  return b.images * least(b.rows * tile_edge, g.height - b.first_row * tile_edge) * g.width;
}

/// The lines and tiles of a block, in its space.
class BlockParts {
 public:
  BlockParts(const Layer& layer, const TileBlock& b, const BlockSpace& space)
      : layer_(layer), space_(space), rows_(b.images * b.rows) {}
  /// Set number i of lines, with this many channels, where there is room for `widest` of them.
  Lines lines(int i, int64_t channels, int64_t widest) const {
    return {space_.lines[i], layer_.line_stride(widest), layer_.tiling.columns(), channels};
  }
  Lines lines(int i, int64_t channels) const { return lines(i, channels, channels); }
  /// Set number i of tiles, with this many channels.
  LineTiles tiles(int i, int64_t channels) const {
    return {space_.tiles[i], layer_.position_stride(channels), rows_, layer_.tiling.across};
  }

 private:
  const Layer& layer_;
  const BlockSpace& space_;
  int64_t rows_;
};

/// Prefetches what the epilogue of a block will touch, except the tensor `present`, which has just been read there.
Ahead outputs_ahead(const Tiling& g, const TileBlock& b, int64_t channels, const float* y, const Epilogue& epilogue,
                    const float* present = nullptr) {
  Ahead ahead(g, b, channels);
  ahead.of(y).of(epilogue.waiting).of(epilogue.z2).of(epilogue.made.x2);
  if (epilogue.z != present) ahead.of(epilogue.z);
  if (epilogue.made.x != present && epilogue.made.x != epilogue.z) ahead.of(epilogue.made.x);
  return ahead;
}

template <int Lanes>
struct Kernels : Products<Lanes>, Passes<Lanes> {
  using P = Products<Lanes>;
  using Q = Passes<Lanes>;
  using V = typename P::V;
  using P::load, P::store, P::panel;

  /// Applies a transform to the columns and then to the rows of a tile. `get(i, j)` reads an element, `put(i, j, v)`
  /// takes one.
  template <class Transform, class Get, class Put>
  static inline __attribute__((always_inline)) void both_sides(const Get& get, const Put& put) {
    V half[Transform::out][Transform::in];
#pragma GCC unroll 6
    for (int j = 0; j < Transform::in; ++j) {
      V column[Transform::in], done[Transform::out];
#pragma GCC unroll 6
      for (int i = 0; i < Transform::in; ++i) column[i] = get(i, j);
      Transform::apply(column, done);
#pragma GCC unroll 6
      for (int i = 0; i < Transform::out; ++i) half[i][j] = done[i];
    }
#pragma GCC unroll 6
    for (int i = 0; i < Transform::out; ++i) {
      V done[Transform::out];
      Transform::apply(half[i], done);
#pragma GCC unroll 6
      for (int j = 0; j < Transform::out; ++j) put(i, j, done[j]);
    }
  }

  /// The epilogue of a block: writes its outputs, and adds its sums to `sums`.
  static void write(const Layer& layer, const TileBlock& b, const Lines& lines, float* y, const Epilogue& epilogue,
                    double* sums, float* block_sums) {
    const Tiling& g = layer.tiling;
    const int64_t channels = lines.channels;
    const auto with = [&](const auto& tail) { Q::output_columns(g, b, lines, y, tail); };
    switch (epilogue.kind) {
      case Epilogue::Kind::store: return with(StoreTail<Lanes>{});
      case Epilogue::Kind::follow: return with_follow_tail<Lanes>(epilogue.made, channels, with);
      case Epilogue::Kind::moments:
        with(MomentsTail<Lanes>{{block_sums, channels}});
        return add_moments(block_sums, channels, pixels_of(g, b), sums);
      case Epilogue::Kind::complete:
        with_complete_tail<Lanes>(epilogue, {block_sums, channels}, channels, with);
        return add_sums(block_sums, 3 * channels, sums);
    }
  }

  // --- the functions of KernelTable ---

  static void transform_weights(const Layer& layer, const Taps& taps, ChannelRange some, float* u) {
    const int64_t width = panel(layer.outputs), stride = layer.inputs * layer.outputs;
    for (int64_t c = some.begin; c < some.end; ++c)
      for (int64_t k = 0; k < layer.outputs; k += Lanes) {
        const float* const first = taps.w + c * taps.per_input + k * taps.per_output;
        const auto tap = [&](int i, int j) {
          V v;
          const int64_t at = taps.turned ? 8 - (3 * i + j) : 3 * i + j;
          for (int64_t l = 0; l < Lanes; ++l) v[l] = first[at + l * taps.per_output];
          return v;
        };
        float* to = u + (k / width * layer.inputs + c) * width + k % width;
        both_sides<WeightTransform>(tap, [&](int i, int j, V v) { store(to + (i * 6 + j) * stride, v); });
      }
  }

  static void convolve(const Layer& layer, int64_t index, const ImageSource& x, const float* u, float* y,
                       const Epilogue& epilogue, double* sums, BlockSpace space) {
    const Tiling& g = layer.tiling;
    const int64_t C = layer.inputs, K = layer.outputs;
    const TileBlock b = g.block(index);
    const BlockParts parts(layer, b, space);
    const int64_t widest = layer.most_channels();  // a line of outputs replaces one of inputs
    const Lines in = parts.lines(0, C, widest), out = parts.lines(0, K, widest);
    const LineTiles v = parts.tiles(0, C), m = parts.tiles(1, K);
    with_reader<Lanes>(x, C, [&](auto reader) { Q::input_columns(g, b, C, {0, C}, reader, in); });
    Ahead next_x(g, block_after(g, index), C), here = outputs_ahead(g, b, K, y, epilogue);
    next_x.of(x);
    for (int64_t i = 0; i < 6; ++i) {
      Q::template spread_line<InputTransform>(in, i, v);
      for (int64_t j = 0; j < 6; ++j) {
        const int64_t p = 6 * i + j;
        next_x.step(p);
        here.step(p);
        P::multiply_position(g.tiles(b), C, K, v.at + j * v.stride, u + p * C * K, m.at + j * m.stride);
      }
      Q::gather_line(m, out, i);
    }
    write(layer, b, out, y, epilogue, sums, space.sums);
  }

  static void add_gradient(const Layer& layer, int64_t index, ChannelRange some, const ImageSource& x,
                           const ImageSource& dy, float* d, bool add, BlockSpace space) {
    const Tiling& g = layer.tiling;
    const int64_t C = layer.inputs, K = layer.outputs;
    const TileBlock b = g.block(index), next = block_after(g, index);
    const BlockParts parts(layer, b, space);
    const Lines in = parts.lines(0, some.count()), out = parts.lines(1, K);
    const LineTiles v = parts.tiles(0, some.count()), z = parts.tiles(1, K);
    with_reader<Lanes>(x, C, [&](auto reader) { Q::input_columns(g, b, C, some, reader, in); });
    with_reader<Lanes>(dy, K, [&](auto reader) { Q::gradient_columns(g, b, reader, out); });
    Ahead next_x(g, next, C), next_dy(g, next, K);
    next_x.of(x);
    next_dy.of(dy);
    for (int64_t i = 0; i < 6; ++i) {
      Q::template spread_line<InputTransform>(in, i, v);
      Q::template spread_line<OutputGradientTransform>(out, i, z);
      for (int64_t j = 0; j < 6; ++j) {
        const int64_t p = 6 * i + j;
        next_x.step(p);
        next_dy.step(p);
        P::multiply_transposed_position(g.tiles(b), some.count(), C, K, v.at + j * v.stride, z.at + j * z.stride,
                                        d + p * C * K + some.begin * panel(K), add);
      }
    }
  }

  static void backward(const Layer& layer, int64_t index, const ImageSource& x, const ImageSource& dy, float* d,
                       bool add, const DataGradient& data, BlockSpace space) {
    const Tiling& g = layer.tiling;
    const int64_t C = layer.inputs, K = layer.outputs;
    const TileBlock b = g.block(index), next = block_after(g, index);
    const BlockParts parts(layer, b, space);
    const int64_t widest = layer.most_channels();
    const Lines in = parts.lines(0, C), out = parts.lines(1, K);
    const Lines turned = parts.lines(2, K, widest), dx = parts.lines(2, C, widest);
    const LineTiles v = parts.tiles(0, C), z = parts.tiles(1, K), of_turned = parts.tiles(2, K), m = parts.tiles(0, C);
    with_reader<Lanes>(x, C, [&](auto reader) { Q::input_columns(g, b, C, {0, C}, reader, in); });
    with_reader<Lanes>(dy, K, [&](auto reader) { Q::both_columns(g, b, reader, turned, out); });
    Ahead next_x(g, next, C), next_dy(g, next, K), here = outputs_ahead(g, b, C, data.dx, data.epilogue, x.x);
    next_x.of(x);
    next_dy.of(dy);
    for (int64_t i = 0; i < 6; ++i) {
      Q::template spread_line<InputTransform>(in, i, v);
      Q::template spread_line<OutputGradientTransform>(out, i, z);
      for (int64_t j = 0; j < 6; ++j) {
        const int64_t p = 6 * i + j;
        next_x.step(p);
        P::multiply_transposed_position(g.tiles(b), C, C, K, v.at + j * v.stride, z.at + j * z.stride, d + p * C * K,
                                        add);
      }
      Q::template spread_line<InputTransform>(turned, i, of_turned);
      for (int64_t j = 0; j < 6; ++j) {
        const int64_t p = 6 * i + j;
        next_dy.step(p);
        here.step(p);
        P::multiply_position(g.tiles(b), K, C, of_turned.at + j * of_turned.stride, data.u + p * C * K,
                             m.at + j * m.stride);
      }
      Q::gather_line(m, dx, i);
    }
    write(layer, b, dx, data.dx, data.epilogue, data.sums, space.sums);
  }

  static void finish_gradient(const Layer& layer, ChannelRange some, const float* d, float* dw) {
    const int64_t C = layer.inputs, K = layer.outputs, width = panel(K);
    for (int64_t c = some.begin; c < some.end; ++c)
      for (int64_t k = 0; k < K; k += Lanes) {
        const float* from = d + (k / width * C + c) * width + k % width;
        const auto get = [=](int i, int j) { return load(from + (i * 6 + j) * C * K); };
        both_sides<WeightGradientTransform>(get, [=](int i, int j, V v) {
          for (int64_t l = 0; l < Lanes; ++l) dw[((k + l) * C + c) * 9 + 3 * i + j] = v[l];
        });
      }
  }
};

template <int Lanes>
constexpr KernelTable kernel_table() {
  using K = Kernels<Lanes>;
  return {K::transform_weights, K::convolve, K::add_gradient, K::backward, K::finish_gradient};
}

}  // namespace
}  // namespace mneme::winograd
