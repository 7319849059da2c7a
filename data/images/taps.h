#pragma once
// Antialiased bilinear resizing along one axis, as Pillow does it to the byte.

#include <cmath>
#include <cstdint>

#include "engine/base/on_device.h"

namespace mneme {

/// The triangle filter of an antialiased bilinear resize along one axis: weights of the source pixels of output pixel
/// `at`, when `from` source pixels become `to`. The filter widens when shrinking and is cut at the crop's border. As in
/// Pillow, weights are whole multiples of 2^-22, so that every byte comes out as there.
struct Taps {
  static constexpr int fraction_bits = 22;  ///< weights are whole multiples of 2^-fraction_bits
  int32_t first,                            ///< the first source pixel that has a weight
      count;                                ///< the number of source pixels that have a weight
  double centre,                            ///< the centre of the output pixel, in source pixels
      narrowing,                            ///< 1 over the half width of the filter, in source pixels
      total = 0;                            ///< the sum of all heights

  /// The taps of output pixel `at`, in [0, to).
  ON_DEVICE Taps(int32_t at, int32_t from, int32_t to) {
    const double ratio = static_cast<double>(from) / to, reach = ratio > 1 ? ratio : 1;
    narrowing = 1 / reach;
    centre = (at + 0.5) * ratio;
    const int32_t low = static_cast<int32_t>(centre - reach + 0.5), high = static_cast<int32_t>(centre + reach + 0.5);
    first = low > 0 ? low : 0;
    count = (high < from ? high : from) - first;
    for (int32_t tap = 0; tap < count; ++tap) total += height(tap);
  }
  /// The height of the triangle, from 0 to 1, at source pixel first + tap.
  ON_DEVICE double height(int32_t tap) const {
    const double distance = std::abs((first + tap - centre + 0.5) * narrowing);
    return distance < 1 ? 1 - distance : 0;
  }
  /// The weight of source pixel first + tap: height(tap) / total, in multiples of 2^-22, rounded.
  ON_DEVICE int32_t weight(int32_t tap) const {
    return static_cast<int32_t>(0.5 + height(tap) / total * (1 << fraction_bits));
  }
  /// The nearest grey level of a weighted sum of grey levels.
  ON_DEVICE static int32_t rounded(int32_t sum) { return (sum + (1 << (fraction_bits - 1))) >> fraction_bits; }
};

}  // namespace mneme
