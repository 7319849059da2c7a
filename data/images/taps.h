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
  static constexpr int fraction_bits = 22;
  int32_t first, count;
  double centre, narrowing, total = 0;

  ON_DEVICE Taps(int32_t at, int32_t from, int32_t to) {
    const double ratio = static_cast<double>(from) / to, reach = ratio > 1 ? ratio : 1;
    narrowing = 1 / reach;
    centre = (at + 0.5) * ratio;
    const int32_t low = static_cast<int32_t>(centre - reach + 0.5), high = static_cast<int32_t>(centre + reach + 0.5);
    first = low > 0 ? low : 0;
    count = (high < from ? high : from) - first;
    for (int32_t tap = 0; tap < count; ++tap) total += height(tap);
  }
  ON_DEVICE double height(int32_t tap) const {
    const double distance = std::abs((first + tap - centre + 0.5) * narrowing);
    return distance < 1 ? 1 - distance : 0;
  }
  ON_DEVICE int32_t weight(int32_t tap) const {
    return static_cast<int32_t>(0.5 + height(tap) / total * (1 << fraction_bits));
  }
  /// The nearest grey level of a weighted sum of grey levels.
  ON_DEVICE static int32_t rounded(int32_t sum) { return (sum + (1 << (fraction_bits - 1))) >> fraction_bits; }
};

}  // namespace mneme
