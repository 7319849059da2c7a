#pragma once
// The kernels of Note [Winograd] for vectors of Lanes floats: 16 (AVX-512), 8 (AVX2) or 4 (any CPU). One source file
// for each instruction set includes this header and is compiled for that set. Everything that is not a template is
// local to that file, so that no instruction of one set can get into a function that another set shares.

#include "engine/cpu/winograd/epilogue.h"
#include "engine/cpu/winograd/kernels.h"
#include "engine/cpu/winograd/products.h"
#include "engine/cpu/winograd/reader.h"
#include "engine/cpu/winograd/transforms.h"

namespace mneme::winograd {
namespace {

/// The part of a 6 x 6 or 4 x 4 tile that lies inside the image.
struct Window {
  int64_t top, bottom, left, right;
  bool holds(int64_t i, int64_t j) const { return i >= top && i < bottom && j >= left && j < right; }
};

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/// One tile: its image, and where its inputs or outputs begin there, in pixels; row or column may be -1.
struct Tile {
  int64_t image, row, column;
  Window window;
  int64_t pixel(const Tiling& g) const { return row * g.width + column; }
};

Tile input_tile(const Tiling& g, int64_t image, int64_t down, int64_t across) {
  const int64_t row = down * tile_edge - 1, column = across * tile_edge - 1;
  return {image, row, column, {row < 0, least(6, g.height - row), column < 0, least(6, g.width - column)}};
}

Tile output_tile(const Tiling& g, int64_t image, int64_t down, int64_t across) {
  const int64_t row = down * tile_edge, column = across * tile_edge;
  return {image, row, column, {0, least(tile_edge, g.height - row), 0, least(tile_edge, g.width - column)}};
}

/// Calls body(number, tile) for the tiles of a block, which `make` makes; returns how many there are.
template <class Make, class Body>
int64_t each_tile(const Tiling& g, const TileBlock& b, const Make& make, const Body& body) {
  int64_t t = 0;
  for (int64_t image = b.first_image; image < b.first_image + b.images; ++image)
    for (int64_t down = b.first_row; down < b.first_row + b.rows; ++down)
      for (int64_t across = 0; across < g.across; ++across) body(t++, make(g, image, down, across));
  return t;
}

/// Where channel c of an image begins in a blocked tensor, in floats.
int64_t channel_offset(const Tiling& g, int64_t channels, int64_t image, int64_t c) {
  return (image * channels + c / block * block) * g.height * g.width + c % block;
}

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
    const int64_t end = run_ * planes_ * (position + 1) / positions;
    for (; done_ < end; ++done_) {
      for (int t = 0; t < count_; ++t) __builtin_prefetch(tensors_[t] + at_);
      at_ += block;
      if (++pixel_ == run_) pixel_ = 0, at_ += (plane_ - run_) * block;
    }
  }

 private:
  const float* tensors_[5] = {};
  int count_ = 0;
  int64_t offset_, plane_, run_, planes_, at_ = 0, pixel_ = 0, done_ = 0;
};

TileBlock block_after(const Tiling& g, int64_t index) { return g.block(index + 1 < g.blocks() ? index + 1 : index); }

/// The pixels of one channel in a block.
int64_t pixels_of(const Tiling& g, const TileBlock& b) {
  return b.images * least(b.rows * tile_edge, g.height - b.first_row * tile_edge) * g.width;
}

template <int Lanes>
struct Kernels : Products<Lanes> {
  using P = Products<Lanes>;
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

  /// Reads a tile, with zeros outside the image, and writes its transform to the positions. `plane` is where the tile's
  /// image and channels begin.
  template <class Transform, class Reader>
  static void spread_tile(const Tiling& g, const Tile& tile, const Reader& reader, int64_t plane, float* to,
                          int64_t stride) {
    const int64_t first = plane + tile.pixel(g) * block;
    const auto pixel = [=, width = g.width](int i, int j) { return reader.at(first + (i * width + j) * block); };
    const auto put = [=](int i, int j, V v) { store(to + (i * Transform::out + j) * stride, v); };
    if (tile.window.holds(0, 0) && tile.window.holds(Transform::in - 1, Transform::in - 1))
      both_sides<Transform>(pixel, put);
    else
      both_sides<Transform>([&](int i, int j) { return tile.window.holds(i, j) ? pixel(i, j) : V{}; }, put);
  }

  /// Computes B^T x B or A dy A^T for some channels of a block of tiles, into to[position stride + tile count +
  /// channel]. Returns the number of tiles.
  template <class Transform, class Make>
  static int64_t spread(const Tiling& g, const TileBlock& b, const Make& make, int64_t channels, ChannelRange some,
                        const ImageSource& x, float* to, int64_t stride) {
    return with_reader<Lanes>(x, channels, [&](auto reader) {
      return each_tile(g, b, make, [&](int64_t t, const Tile& tile) {
        for (int64_t c = some.begin; c < some.end; c += Lanes) {
          reader.enter(c);
          spread_tile<Transform>(g, tile, reader, channel_offset(g, channels, tile.image, c),
                                 to + t * some.count() + c - some.begin, stride);
        }
      });
    });
  }

  /// Writes those outputs of a tile that lie inside `window`, through the epilogue.
  template <class Tail>
  static inline __attribute__((always_inline)) void put_rows(const V (&out)[tile_edge][tile_edge], const Window& window,
                                                             int64_t first, int64_t width, float* y, Tail& tail) {
    for (int64_t i = 0; i < window.bottom; ++i) {
      typename Tail::Row row;
      for (int64_t j = 0; j < window.right; ++j) {
        const int64_t at = first + (i * width + j) * block;
        store(y + at, tail.take(at, out[i][j], row));
      }
      tail.add(row);
    }
  }

  /// Computes y = A^T m A for one tile.
  template <class Tail>
  static void gather_tile(const Tiling& g, const Tile& tile, const float* m, int64_t stride, float* y, int64_t plane,
                          int64_t channel, bool first_tile, Tail& tail) {
    V out[tile_edge][tile_edge];
    both_sides<OutputTransform>([=](int i, int j) { return load(m + (i * 6 + j) * stride); },
                                [&](int i, int j, V v) { out[i][j] = v; });
    const int64_t first = plane + tile.pixel(g) * block;
    tail.enter(channel, first_tile, out[0][0]);
    if (tile.window.holds(tile_edge - 1, tile_edge - 1))
      put_rows(out, {0, tile_edge, 0, tile_edge}, first, g.width, y, tail);
    else
      put_rows(out, tile.window, first, g.width, y, tail);
    tail.leave(channel);
  }

  /// Computes all outputs of a block.
  template <class Tail>
  static void gather(const Layer& layer, const TileBlock& b, const TileSpace& space, float* y, Tail tail) {
    const Tiling& g = layer.tiling;
    const int64_t K = layer.outputs, stride = layer.position_stride(K);
    each_tile(g, b, output_tile, [&](int64_t t, const Tile& tile) {
      for (int64_t k = 0; k < K; k += Lanes)
        gather_tile(g, tile, space.outputs + t * K + k, stride, y, channel_offset(g, K, tile.image, k), k, t == 0,
                    tail);
    });
  }

  static void gather_following(const Layer& layer, const TileBlock& b, const TileSpace& space, float* y,
                               const ImageSource& affine) {
    const int64_t K = layer.outputs;
    const auto gather_by = [&](auto followed) {
      using F = decltype(followed);
      gather(layer, b, space, y, FollowTail<Lanes, F::two, F::with_relu>{followed});
    };
    if (affine.x2)
      affine.relu ? gather_by(Followed<Lanes, true, true>{affine, K})
                  : gather_by(Followed<Lanes, true, false>{affine, K});
    else
      affine.relu ? gather_by(Followed<Lanes, false, true>{affine, K})
                  : gather_by(Followed<Lanes, false, false>{affine, K});
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
                       const Epilogue& epilogue, double* sums, TileSpace space) {
    const Tiling& g = layer.tiling;
    const int64_t C = layer.inputs, K = layer.outputs;
    const TileBlock b = g.block(index);
    const int64_t v_stride = layer.position_stride(C), m_stride = layer.position_stride(K);
    const int64_t tiles = spread<InputTransform>(g, b, input_tile, C, {0, C}, x, space.inputs, v_stride);
    Ahead next_x(g, block_after(g, index), C), here(g, b, K);
    next_x.of(x);
    here.of(y).of(epilogue.waiting).of(epilogue.z).of(epilogue.z2);
    if (epilogue.made.x != epilogue.z) here.of(epilogue.made.x);
    here.of(epilogue.made.x2);
    for (int64_t p = 0; p < positions; ++p) {
      next_x.step(p);
      here.step(p);
      P::multiply_position(tiles, C, K, space.inputs + p * v_stride, u + p * C * K, space.outputs + p * m_stride);
    }
    switch (epilogue.kind) {
      case Epilogue::Kind::store: return gather(layer, b, space, y, StoreTail<Lanes>{});
      case Epilogue::Kind::follow: return gather_following(layer, b, space, y, epilogue.made);
      case Epilogue::Kind::moments:
        gather(layer, b, space, y, MomentsTail<Lanes>{{space.sums, K}});
        return add_moments(space.sums, K, pixels_of(g, b), sums);
      case Epilogue::Kind::complete:
        with_reader<Lanes>(epilogue.made, K, [&](auto made) {
          gather(layer, b, space, y, CompleteTail<Lanes, decltype(made)>{{space.sums, K}, epilogue, made});
        });
        return add_sums(space.sums, 3 * K, sums);
    }
  }

  static void add_gradient(const Layer& layer, int64_t index, ChannelRange some, const ImageSource& x,
                           const ImageSource& dy, float* d, bool add, TileSpace space) {
    const Tiling& g = layer.tiling;
    const int64_t C = layer.inputs, K = layer.outputs;
    const TileBlock b = g.block(index), next = block_after(g, index);
    const int64_t v_stride = layer.position_stride(some.count()), z_stride = layer.position_stride(K);
    const int64_t tiles = spread<InputTransform>(g, b, input_tile, C, some, x, space.inputs, v_stride);
    spread<OutputGradientTransform>(g, b, output_tile, K, {0, K}, dy, space.outputs, z_stride);
    Ahead next_x(g, next, C), next_dy(g, next, K);
    next_x.of(x);
    next_dy.of(dy);
    for (int64_t p = 0; p < positions; ++p) {
      next_x.step(p);
      next_dy.step(p);
      P::multiply_transposed_position(tiles, some.count(), C, K, space.inputs + p * v_stride,
                                      space.outputs + p * z_stride, d + p * C * K + some.begin * panel(K), add);
    }
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
  return {K::transform_weights, K::convolve, K::add_gradient, K::finish_gradient};
}

}  // namespace
}  // namespace mneme::winograd
