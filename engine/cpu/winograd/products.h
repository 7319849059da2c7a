#pragma once
// The small matrix products in which the kernels of Note [Winograd] spend most of their time.

#include "engine/cpu/vectors.h"
#include "engine/cpu/winograd/count.h"

namespace mneme::winograd {
namespace {

/// The left factor: element (r, l) is at at[r row + l step].
struct Left {
  const float* at;
  int64_t row, step;
};

/// The right factor: row l, whole vectors, begins at at + l row.
struct Right {
  const float* at;
  int64_t row;
};

/// The product: row r begins at at + r row. It is overwritten, or added to if `add`.
struct Result {
  float* at;
  int64_t row;
  bool add;
};

template <int Lanes>
struct Products {
  using V = typename Vectors<Lanes>::V;

  // A product keeps rows x vectors sums in registers: AVX-512 has 32 registers, the other sets have 16.
  static constexpr int most_vectors = Lanes == 16 ? 2 : 16 / Lanes;
  // Eight sums keep both multipliers of a core busy; with twelve, the first and last steps of a product cost more than
  // they save.
  static constexpr int most_rows = Lanes == 16 ? 8 : Lanes == 8 ? 4 : 2;

  static V load(const float* from) { return Vectors<Lanes>::load(from); }
  static void store(float* to, V v) { Vectors<Lanes>::store(to, v); }

  /// The output channels whose weights lie together: transformed weights are (36, K / panel, C, panel).
  static int64_t panel(int64_t outputs) { return outputs % (most_vectors * Lanes) == 0 ? most_vectors * Lanes : block; }

  /// c (Rows, Vectors Lanes) = or += a b, with `steps` products per element.
  template <int Rows, int Vectors, class Count>
  static inline __attribute__((always_inline)) void product(Left a, Right b, Count steps, Result c) {
    V sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sum[r][v] = c.add ? load(c.at + r * c.row + v * Lanes) : V{};
    const int64_t count = steps;
#pragma GCC unroll 4
    for (int64_t l = 0; l < count; ++l) {
      V right[Vectors];
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) right[v] = load(b.at + l * b.row + v * Lanes);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) sum[r][v] += a.at[r * a.row + l * a.step] * right[v];
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) store(c.at + r * c.row + v * Lanes, sum[r][v]);
  }

  /// Computes the rows that remain after the full groups of `Rows`.
  template <int Rows, int Vectors, class Count>
  static void last_rows(int64_t left, Left a, Right b, Count steps, Result c) {
    if (left == Rows) return product<Rows, Vectors>(a, b, steps, c);
    if constexpr (Rows > 1) last_rows<Rows - 1, Vectors>(left, a, b, steps, c);
  }

  /// m (tiles, K) = v (tiles, C) u, for one position.
  template <int Vectors, class Count>
  static void multiply(int64_t tiles, Count inputs, int64_t outputs, const float* v, const float* u, float* m) {
    constexpr int64_t width = Vectors * Lanes;
    for (int64_t k = 0; k < outputs; k += width, u += inputs * width) {
      const auto left = [=](int64_t t) { return Left{v + t * inputs, static_cast<int64_t>(inputs), 1}; };
      const auto result = [=](int64_t t) { return Result{m + t * outputs + k, outputs, false}; };
      int64_t t = 0;
      for (; t + most_rows <= tiles; t += most_rows)
        product<most_rows, Vectors>(left(t), {u, width}, inputs, result(t));
      last_rows<most_rows, Vectors>(tiles - t, left(t), {u, width}, inputs, result(t));
    }
  }

  /// Rows of a product of sixteen steps. There are so few steps that b stays in registers: `right` holds its sixteen
  /// rows.
  template <int Rows>
  static inline __attribute__((always_inline)) void short_product(const float* a, const V (&right)[block], Result c) {
    V sum[Rows] = {};
#pragma GCC unroll 16
    for (int l = 0; l < block; ++l)
#pragma GCC unroll 4
      for (int r = 0; r < Rows; ++r) sum[r] += a[r * block + l] * right[l];
#pragma GCC unroll 4
    for (int r = 0; r < Rows; ++r) store(c.at + r * c.row, sum[r]);
  }

  /// m (tiles, K) = v (tiles, 16) u, for one position.
  static void multiply_short(int64_t tiles, int64_t outputs, const float* v, const float* u, float* m) {
    const int64_t width = panel(outputs);
    for (int64_t k = 0; k < outputs; k += Lanes) {
      V right[block];
#pragma GCC unroll 16
      for (int l = 0; l < block; ++l) right[l] = load(u + k / width * block * width + k % width + l * width);
      const auto result = [=](int64_t t) { return Result{m + t * outputs + k, outputs, false}; };
      int64_t t = 0;
      for (; t + 4 <= tiles; t += 4) short_product<4>(v + t * block, right, result(t));
      for (; t < tiles; ++t) short_product<1>(v + t * block, right, result(t));
    }
  }

  /// Uses the fastest of the products above for these sizes.
  static void multiply_position(int64_t tiles, int64_t inputs, int64_t outputs, const float* v, const float* u,
                                float* m) {
    if (Lanes == 16 && inputs == block)
      multiply_short(tiles, outputs, v, u, m);
    else if (panel(outputs) == most_vectors * Lanes)
      with_count(inputs, [&](auto count) { multiply<most_vectors>(tiles, count, outputs, v, u, m); });
    else
      multiply<block / Lanes>(tiles, inputs, outputs, v, u, m);
  }

  /// d (C, K), panel by panel, = or += v^T (C, tiles) z (tiles, K), for one position and `some` of the `inputs`
  /// channels.
  template <int Rows, int Vectors>
  static void multiply_transposed(int64_t tiles, int64_t some, int64_t inputs, int64_t outputs, const float* v,
                                  const float* z, float* d, bool add) {
    constexpr int64_t width = Vectors * Lanes;
    static_assert(block % Rows == 0);
    for (int64_t k = 0; k < outputs; k += width, d += inputs * width)
      for (int64_t c = 0; c < some; c += Rows)
        product<Rows, Vectors>({v + c, 1, some}, {z + k, outputs}, tiles, {d + c * width, width, add});
  }

  static void multiply_transposed_position(int64_t tiles, int64_t some, int64_t inputs, int64_t outputs, const float* v,
                                           const float* z, float* d, bool add) {
    if (panel(outputs) == most_vectors * Lanes)
      multiply_transposed<most_rows, most_vectors>(tiles, some, inputs, outputs, v, z, d, add);
    else
      multiply_transposed<16 / (block / Lanes), block / Lanes>(tiles, some, inputs, outputs, v, z, d, add);
  }
};

}  // namespace
}  // namespace mneme::winograd
