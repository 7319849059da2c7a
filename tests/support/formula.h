#pragma once
// Numbers that C++ and Python can both compute, so that stored results need no stored inputs. tests/golden/formula.py
// computes the same. A sequence has a name; its i-th word is SplitMix64 (Steele, Lea, Flood, "Fast splittable
// pseudorandom number generators", 2014) started from the FNV-1a hash of the name. The numbers keep 20 bits, so that
// they are exact in f32, also after the small additions and scalings below.

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

namespace mneme::test {

inline uint64_t text_hash(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001B3;
  return hash;
}

inline uint64_t word_at(uint64_t sequence, uint64_t i) {
  uint64_t z = sequence + (i + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

/// A multiple of 2^-20 in [0, 1).
inline double unit_at(uint64_t sequence, uint64_t i) {
  return static_cast<double>(word_at(sequence, i) >> 44) * 0x1p-20;
}

/// The range of a row's numbers, chosen so that the operation is differentiable there.
enum class Draw {
  any,       ///< [-1, 1)
  off_zero,  ///< +-[0.25, 1.25): away from the corner of relu and abs
  positive,  ///< [0.5, 1.5)
  distinct   ///< multiples of 1/64 in random order around 0; no two are equal, so that a maximum is unique
};

/// The first `count` values of the sequence of this name.
inline std::vector<double> drawn_values(std::string_view name, int64_t count, Draw draw) {
  const uint64_t sequence = text_hash(name);
  std::vector<double> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) values[i] = unit_at(sequence, i);
  if (draw == Draw::distinct) {
    std::vector<size_t> order(values.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
    for (size_t rank = 0; rank < order.size(); ++rank)
      values[order[rank]] = (static_cast<double>(rank) - static_cast<double>(order.size() / 2)) / 64;
    return values;
  }
  for (double& v : values) {
    if (draw == Draw::positive)
      v += 0.5;
    else
      v = 2 * v - 1;
    if (draw == Draw::off_zero) v += v < 0 ? -0.25 : 0.25;
  }
  return values;
}

}  // namespace mneme::test
