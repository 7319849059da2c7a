// The kernels of Note [Winograd] for vectors of Lanes floats: 16 (AVX-512), 8 (AVX2) or 4 (any CPU). Included by one
// source file per instruction set, each compiled for it; all that is not a template is local to that file, so that no
// instruction of one set can end up in a function shared with another.

#include "engine/cpu/winograd_kernels.h"
#include "engine/cpu/winograd_transforms.h"

namespace mneme {
namespace {

constexpr int64_t block = 16;  // channels that lie together, see Note [Layout]

/// Part of a 6 x 6 or 4 x 4 tile that lies inside the image.
struct Window {
  int64_t top, bottom, left, right;
  bool holds(int64_t i, int64_t j) const { return i >= top && i < bottom && j >= left && j < right; }
};

int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

Window input_window(const Tiling& g, int64_t row, int64_t column) {
  return {row == 0, least(6, g.height - (row * tile_edge - 1)), column == 0, least(6, g.width - (column * tile_edge - 1))};
}

Window output_window(const Tiling& g, int64_t row, int64_t column) {
  return {0, least(tile_edge, g.height - row * tile_edge), 0, least(tile_edge, g.width - column * tile_edge)};
}

/// Calls body(tile number, image, row, column) for the tiles of a block.
template <class Body>
int64_t each_tile(const Tiling& g, const TileBlock& b, const Body& body) {
  int64_t t = 0;
  for (int64_t image = b.first_image; image < b.first_image + b.images; ++image)
    for (int64_t row = b.first_row; row < b.first_row + b.rows; ++row)
      for (int64_t column = 0; column < g.across; ++column) body(t++, image, row, column);
  return t;
}

/// Asks for the pixels of a block ahead of their use, a little with every position's product. One pixel of 16 channels
/// is one cache line.
class Ahead {
 public:
  Ahead(const Tiling& g, const TileBlock& b, int64_t channels, const float* data) {
    const int64_t first = b.first_row * tile_edge;
    plane_ = g.height * g.width;
    run_ = least(b.rows * tile_edge, g.height - first) * g.width;
    planes_ = b.images * (channels / block);
    at_ = data + (b.first_image * (channels / block) * plane_ + first * g.width) * block;
  }
  void step(int64_t position) {
    const int64_t lines = run_ * planes_, end = lines * (position + 1) / positions;
    for (; done_ < end; ++done_) {
      __builtin_prefetch(at_ + pixel_ * block);
      if (++pixel_ == run_) pixel_ = 0, at_ += plane_ * block;
    }
  }

 private:
  const float* at_;
  int64_t plane_, run_, planes_, pixel_ = 0, done_ = 0;
};

/// The compiler's own vectors: + - * work on them, and a plain float counts as that float in every lane.
template <int Lanes> struct VectorOf;
template <> struct VectorOf<16> { typedef float type __attribute__((vector_size(64), may_alias)); };
template <> struct VectorOf<8> { typedef float type __attribute__((vector_size(32), may_alias)); };
template <> struct VectorOf<4> { typedef float type __attribute__((vector_size(16), may_alias)); };

template <int Lanes>
struct Kernels {
  using V = typename VectorOf<Lanes>::type;

  // The matrix product keeps Rows x Vectors sums in registers.
  static constexpr int most_vectors = Lanes == 16 ? 2 : 16 / Lanes;
  static constexpr int most_rows = Lanes == 16 ? 8 : Lanes == 8 ? 6 : 3;

  static V load(const float* from) { return *reinterpret_cast<const V*>(from); }
  static void store(float* to, V v) { *reinterpret_cast<V*>(to) = v; }

  /// Output channels whose weights lie together: transformed weights are (36, K / panel, C, panel).
  static int64_t panel(int64_t outputs) { return outputs % (most_vectors * Lanes) == 0 ? most_vectors * Lanes : block; }

  // --- transforms ---------------------------------------------------------------------------------------------------

  /// Both sides of a transform: columns, then rows. `get(i, j)` reads an element, `put(i, j, v)` takes one.
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

  /// Reads a tile whose first element is at plane[origin], zeros where it leaves the image, and spreads its transform
  /// over the positions.
  template <class Transform>
  static void spread_tile(const float* plane, int64_t origin, int64_t width, const Window& window, float* to, int64_t stride) {
    const auto put = [=](int i, int j, V v) { store(to + (i * Transform::out + j) * stride, v); };
    const auto pixel = [=](int i, int j) { return load(plane + origin + (i * width + j) * block); };
    const bool whole = window.holds(0, 0) && window.holds(Transform::in - 1, Transform::in - 1);
    if (whole)
      both_sides<Transform>(pixel, put);
    else
      both_sides<Transform>([&](int i, int j) { return window.holds(i, j) ? pixel(i, j) : V{}; }, put);
  }

  /// B^T x B of channels [begin, end) of a block of tiles: to[position stride + tile (end - begin) + channel]
  static int64_t spread_inputs(const Tiling& g, const TileBlock& b, int64_t channels, int64_t begin, int64_t end, const float* x, float* to,
                               int64_t stride) {
    return each_tile(g, b, [&](int64_t t, int64_t image, int64_t row, int64_t column) {
      const Window window = input_window(g, row, column);
      const int64_t origin = ((row * tile_edge - 1) * g.width + column * tile_edge - 1) * block;
      for (int64_t c = begin; c < end; c += Lanes)
        spread_tile<InputTransform>(x + (image * channels + c / block * block) * g.height * g.width + c % block, origin, g.width, window,
                                    to + t * (end - begin) + c - begin, stride);
    });
  }

  /// A dy A^T of all channels of a block of tiles.
  static void spread_gradients(const Tiling& g, const TileBlock& b, int64_t channels, const float* dy, float* to, int64_t stride) {
    each_tile(g, b, [&](int64_t t, int64_t image, int64_t row, int64_t column) {
      const Window window = output_window(g, row, column);
      const int64_t origin = (row * g.width + column) * tile_edge * block;
      for (int64_t k = 0; k < channels; k += Lanes)
        spread_tile<OutputGradientTransform>(dy + (image * channels + k / block * block) * g.height * g.width + k % block, origin, g.width,
                                             window, to + t * channels + k, stride);
    });
  }

  /// y = A^T m A of a block of tiles.
  static void gather_outputs(const Tiling& g, const TileBlock& b, int64_t channels, const float* from, int64_t stride, float* y) {
    each_tile(g, b, [&](int64_t t, int64_t image, int64_t row, int64_t column) {
      const Window window = output_window(g, row, column);
      const bool whole = window.holds(tile_edge - 1, tile_edge - 1);
      for (int64_t k = 0; k < channels; k += Lanes) {
        const float* m = from + t * channels + k;
        float* out = y + (image * channels + k / block * block) * g.height * g.width + k % block +
                     (row * g.width + column) * tile_edge * block;
        const auto get = [=](int i, int j) { return load(m + (i * 6 + j) * stride); };
        const auto put = [=, width = g.width](int i, int j, V v) { store(out + (i * width + j) * block, v); };
        if (whole)
          both_sides<OutputTransform>(get, put);
        else
          both_sides<OutputTransform>(get, [&](int i, int j, V v) {
            if (window.holds(i, j)) put(i, j, v);
          });
      }
    });
  }

  // --- products -----------------------------------------------------------------------------------------------------

  /// One tile of a matrix product c (Rows, Vectors Lanes) = or += a b, with a(r, l) at a[r a_row + l a_step] and row l of
  /// b at b + l b_row.
  template <int Rows, int Vectors, bool Add>
  static void product(const float* a, int64_t a_row, int64_t a_step, const float* b, int64_t b_row, int64_t steps, float* c, int64_t c_row) {
    V sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sum[r][v] = Add ? load(c + r * c_row + v * Lanes) : V{};
    for (int64_t l = 0; l < steps; ++l) {
      V right[Vectors];
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) right[v] = load(b + l * b_row + v * Lanes);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) sum[r][v] += a[r * a_row + l * a_step] * right[v];
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) store(c + r * c_row + v * Lanes, sum[r][v]);
  }

  /// The rows that remain after the full groups of `Rows`.
  template <int Rows, int Vectors>
  static void last_rows(int64_t left, const float* a, int64_t a_row, const float* b, int64_t b_row, int64_t steps, float* c, int64_t c_row) {
    if (left == Rows) return product<Rows, Vectors, false>(a, a_row, 1, b, b_row, steps, c, c_row);
    if constexpr (Rows > 1) last_rows<Rows - 1, Vectors>(left, a, a_row, b, b_row, steps, c, c_row);
  }

  /// m (tiles, K) = v (tiles, C) u, one position.
  template <int Rows, int Vectors>
  static void multiply(int64_t tiles, int64_t inputs, int64_t outputs, const float* v, const float* u, float* m) {
    constexpr int64_t width = Vectors * Lanes;
    for (int64_t k = 0; k < outputs; k += width, u += inputs * width) {
      int64_t t = 0;
      for (; t + Rows <= tiles; t += Rows)
        product<Rows, Vectors, false>(v + t * inputs, inputs, 1, u, width, inputs, m + t * outputs + k, outputs);
      last_rows<Rows, Vectors>(tiles - t, v + t * inputs, inputs, u, width, inputs, m + t * outputs + k, outputs);
    }
  }

  /// d (C, K), panel by panel, += v^T (C, tiles) z (tiles, K), one position; v holds `some` of the `inputs` channels.
  template <int Rows, int Vectors>
  static void multiply_transposed(int64_t tiles, int64_t inputs, int64_t some, int64_t outputs, const float* v, const float* z, float* d) {
    constexpr int64_t width = Vectors * Lanes;
    static_assert(block % Rows == 0);
    for (int64_t k = 0; k < outputs; k += width, d += inputs * width)
      for (int64_t c = 0; c < some; c += Rows) product<Rows, Vectors, true>(v + c, 1, some, z + k, outputs, tiles, d + c * width, width);
  }

  // --- what the table offers ------------------------------------------------------------------------------------------

  static void transform_weights(const TapView& view, const float* w, float* u, int64_t begin, int64_t end) {
    const int64_t width = panel(view.outputs);
    for (int64_t c = begin; c < end; ++c)
      for (int64_t k = 0; k < view.outputs; k += Lanes) {
        const auto tap = [&](int i, int j) {
          V v;
          const int64_t at = c * view.per_input + (view.turned ? 8 - (3 * i + j) : 3 * i + j);
          for (int64_t l = 0; l < Lanes; ++l) v[l] = w[at + (k + l) * view.per_output];
          return v;
        };
        float* to = u + (k / width * view.inputs + c) * width + k % width;
        both_sides<WeightTransform>(tap, [&](int i, int j, V v) { store(to + (i * 6 + j) * view.inputs * view.outputs, v); });
      }
  }

  static void convolve(const Tiling& g, int64_t index, int64_t inputs, int64_t outputs, const float* x, const float* u, float* y,
                       TileSpace space) {
    const TileBlock b = g.block(index);
    const int64_t v_stride = WinogradKernels::position_stride(g.most_tiles(), inputs),
                  m_stride = WinogradKernels::position_stride(g.most_tiles(), outputs);
    const int64_t tiles = spread_inputs(g, b, inputs, 0, inputs, x, space.inputs, v_stride);
    Ahead next_x(g, g.block(index + 1 < g.blocks() ? index + 1 : index), inputs, x), this_y(g, b, outputs, y);
    for (int64_t p = 0; p < positions; ++p) {
      next_x.step(p);
      this_y.step(p);
      const float *v = space.inputs + p * v_stride, *up = u + p * inputs * outputs;
      float* m = space.outputs + p * m_stride;
      if (panel(outputs) == most_vectors * Lanes)
        multiply<most_rows, most_vectors>(tiles, inputs, outputs, v, up, m);
      else
        multiply<most_rows, block / Lanes>(tiles, inputs, outputs, v, up, m);
    }
    gather_outputs(g, b, outputs, space.outputs, m_stride, y);
  }

  static void add_gradient(const Tiling& g, int64_t index, int64_t inputs, int64_t outputs, int64_t begin, int64_t end, const float* x,
                           const float* dy, float* d, TileSpace space) {
    constexpr int rows = Lanes == 16 ? 8 : Lanes == 8 ? 4 : 2;
    const TileBlock b = g.block(index), next = g.block(index + 1 < g.blocks() ? index + 1 : index);
    const int64_t v_stride = WinogradKernels::position_stride(g.most_tiles(), end - begin),
                  z_stride = WinogradKernels::position_stride(g.most_tiles(), outputs);
    const int64_t tiles = spread_inputs(g, b, inputs, begin, end, x, space.inputs, v_stride);
    spread_gradients(g, b, outputs, dy, space.outputs, z_stride);
    Ahead next_x(g, next, inputs, x), next_dy(g, next, outputs, dy);
    for (int64_t p = 0; p < positions; ++p) {
      next_x.step(p);
      next_dy.step(p);
      const float *v = space.inputs + p * v_stride, *z = space.outputs + p * z_stride;
      float* dp = d + p * inputs * outputs + begin * panel(outputs);
      if (panel(outputs) == most_vectors * Lanes)
        multiply_transposed<rows, most_vectors>(tiles, inputs, end - begin, outputs, v, z, dp);
      else
        multiply_transposed<rows, block / Lanes>(tiles, inputs, end - begin, outputs, v, z, dp);
    }
  }

  static void finish_gradient(int64_t inputs, int64_t outputs, const float* d, int64_t parts, float* dw, int64_t begin, int64_t end) {
    const int64_t width = panel(outputs), size = inputs * outputs;
    for (int64_t c = begin; c < end; ++c)
      for (int64_t k = 0; k < outputs; k += Lanes) {
        const float* from = d + (k / width * inputs + c) * width + k % width;
        const auto total = [=](int i, int j) {
          V sum = load(from + (i * 6 + j) * size);
          for (int64_t part = 1; part < parts; ++part) sum += load(from + (part * positions + i * 6 + j) * size);
          return sum;
        };
        both_sides<WeightGradientTransform>(total, [=](int i, int j, V v) {
          for (int64_t l = 0; l < Lanes; ++l) dw[((k + l) * inputs + c) * 9 + 3 * i + j] = v[l];
        });
      }
  }
};

template <int Lanes>
constexpr WinogradKernels table(const char* instruction_set) {
  using K = Kernels<Lanes>;
  return {instruction_set, K::transform_weights, K::convolve, K::add_gradient, K::finish_gradient};
}

}  // namespace
}  // namespace mneme
