#pragma once
// bfloat16 is the upper half of a float: eight bits of exponent and seven of fraction. It is a way to store numbers,
// not to compute with them: reading one gives a float, and writing one rounds to the nearest number, ties to even.

#include <bit>
#include <cstdint>
#include <type_traits>

#include "engine/base/on_device.h"

namespace mneme {

/// A number stored as bfloat16.
struct Bf16 {
  uint16_t bits = 0;  ///< the upper 16 bits of the float

  /// Zero.
  Bf16() = default;
  /// Rounds to the nearest number, ties to even. A NaN stays a NaN.
  ON_DEVICE Bf16(float value) {
    const auto wide = std::bit_cast<uint32_t>(value);
    const bool nan = (wide & 0x7FFFFFFFu) > 0x7F800000u;
    const uint32_t up = nan ? 0 : 0x7FFFu + (wide >> 16 & 1);
    bits = static_cast<uint16_t>((wide + up) >> 16 | (nan ? 0x40u : 0u));  // a NaN keeps a bit of its fraction
  }
  /// The number with these 16 bits.
  ON_DEVICE static Bf16 of_bits(uint16_t stored) {
    Bf16 number;
    number.bits = stored;
    return number;
  }
  /// The number as a float, without rounding.
  ON_DEVICE operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }
};

/// The type that numbers stored as S are computed in: float for Bf16, otherwise S itself.
template <class S>
using Arithmetic = std::conditional_t<std::is_same_v<S, Bf16>, float, S>;

}  // namespace mneme
