#pragma once
// The four small matrices of Note [Winograd]. Each is multiplied with a vector in as few operations as possible.
// Applied to the columns and then to the rows of a tile, they give the products from both sides.

#include <cstdint>

namespace mneme::winograd {
namespace {

/// B^T, for inputs:  d (6) -> (6)
struct InputTransform {
  static constexpr int in = 6, out = 6;
  template <class V>
  static void apply(const V* d, V* o) {
    const V even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], far_even = d[4] - d[2], far_odd = 2 * (d[3] - d[1]);
    o[0] = 4 * d[0] + (d[4] - 5 * d[2]);
    o[1] = even + odd;
    o[2] = even - odd;
    o[3] = far_even + far_odd;
    o[4] = far_even - far_odd;
    o[5] = 4 * d[1] + (d[5] - 5 * d[3]);
  }
};

/// A^T, for outputs:  m (6) -> (4)
struct OutputTransform {
  static constexpr int in = 6, out = 4;
  template <class V>
  static void apply(const V* m, V* o) {
    const V near_sum = m[1] + m[2], near_difference = m[1] - m[2], far_sum = m[3] + m[4], far_difference = m[3] - m[4];
    o[0] = m[0] + near_sum + far_sum;
    o[1] = near_difference + 2 * far_difference;
    o[2] = near_sum + 4 * far_sum;
    o[3] = near_difference + 8 * far_difference + m[5];
  }
};

/// A, for gradients of outputs:  y (4) -> (6)
struct OutputGradientTransform {
  static constexpr int in = 4, out = 6;
  template <class V>
  static void apply(const V* y, V* o) {
    const V even = y[0] + y[2], odd = y[1] + y[3], far_even = y[0] + 4 * y[2], far_odd = 2 * y[1] + 8 * y[3];
    o[0] = y[0];
    o[1] = even + odd;
    o[2] = even - odd;
    o[3] = far_even + far_odd;
    o[4] = far_even - far_odd;
    o[5] = y[3];
  }
};

/// G, for weights:  g (3) -> (6)
struct WeightTransform {
  static constexpr int in = 3, out = 6;
  template <class V>
  static void apply(const V* g, V* o) {
    const V near_sum = (g[0] + g[2]) * (-1.0f / 6), near_odd = g[1] * (1.0f / 6);
    const V far_sum = g[0] * (1.0f / 24) + g[2] * (1.0f / 6), far_odd = g[1] * (1.0f / 12);
    o[0] = g[0] * 0.25f;
    o[1] = near_sum - near_odd;
    o[2] = near_sum + near_odd;
    o[3] = far_sum + far_odd;
    o[4] = far_sum - far_odd;
    o[5] = g[2];
  }
};

/// G^T, for gradients of weights:  m (6) -> (3)
struct WeightGradientTransform {
  static constexpr int in = 6, out = 3;
  template <class V>
  static void apply(const V* m, V* o) {
    const V near_sum = (m[1] + m[2]) * (-1.0f / 6), far_sum = m[3] + m[4];
    o[0] = m[0] * 0.25f + near_sum + far_sum * (1.0f / 24);
    o[1] = (m[2] - m[1]) * (1.0f / 6) + (m[3] - m[4]) * (1.0f / 12);
    o[2] = near_sum + far_sum * (1.0f / 6) + m[5];
  }
};

}  // namespace
}  // namespace mneme::winograd
