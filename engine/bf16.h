#pragma once
// bfloat16: the upper half of a float, eight bits of exponent and seven of fraction. A way to store numbers, not to
// compute: what is read is a float, and what is written is rounded to the nearest, ties to even.

#include <bit>
#include <cstdint>
#include <type_traits>

#include "engine/base/on_device.h"

namespace mneme {

struct Bf16 {
  uint16_t bits = 0;

  Bf16() = default;
  ON_DEVICE Bf16(float value) {
    const auto wide = std::bit_cast<uint32_t>(value);
    const bool nan = (wide & 0x7FFFFFFFu) > 0x7F800000u;
    const uint32_t up = nan ? 0 : 0x7FFFu + (wide >> 16 & 1);
    bits = static_cast<uint16_t>((wide + up) >> 16 | (nan ? 0x40u : 0u));  // a NaN keeps a bit of its fraction
  }
  ON_DEVICE static Bf16 of_bits(uint16_t stored) {
    Bf16 number;
    number.bits = stored;
    return number;
  }
  ON_DEVICE operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }
};

/// What numbers stored as S are computed in.
template <class S>
using Arithmetic = std::conditional_t<std::is_same_v<S, Bf16>, float, S>;

}  // namespace mneme
