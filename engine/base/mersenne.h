#pragma once
// The Mersenne twisters of two libraries, draw for draw. Published class orders and splits were drawn with the
// generators of NumPy and Python; our own draws use engine/base/random.h.

#include <array>
#include <cassert>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace mneme {

/// MT19937: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998, with both ways of seeding of their
/// revision of 2002.
class MersenneTwister {
 public:
  /// Seeded with one word.
  explicit MersenneTwister(uint32_t seed);
  /// Seeded with an array of words, which must not be empty.
  explicit MersenneTwister(std::span<const uint32_t> key);
  /// The next 32 random bits.
  uint32_t next();

 private:
  static constexpr size_t words = 624;
  void refill();
  std::array<uint32_t, words> state_;
  size_t used_ = words;
};

/// numpy.random.RandomState(seed), the legacy generator whose sequence NumPy promises to keep.
class NumpyRandom {
 public:
  /// Seeded as RandomState(seed), or, from 2^32 on, which NumPy refuses, as RandomState([seed % 2^32, seed // 2^32]).
  explicit NumpyRandom(uint64_t seed);
  /// The next 32 random bits.
  uint32_t next() { return twister_.next(); }

  /// A uniform number in {0, ..., most}, by masking and retrying. most = 0 consumes no word.
  uint32_t bounded(uint32_t most);

  /// RandomState.shuffle of a one-dimensional array, in place.
  template <class T>
  void shuffle(std::span<T> items) {
    for (size_t i = items.size(); i-- > 1;) std::swap(items[i], items[bounded(static_cast<uint32_t>(i))]);
  }

  /// RandomState.permutation(n): the numbers 0 to n - 1 in random order.
  std::vector<int> permutation(int n);

 private:
  MersenneTwister twister_;
};

/// Python's random.Random(seed) for a seed of 0 or more.
class PythonRandom {
 public:
  /// Seeded as random.Random(seed).
  explicit PythonRandom(uint64_t seed);

  /// getrandbits(bits), 1 <= bits <= 32.
  uint32_t bits(int bits) { return twister_.next() >> (32 - bits); }

  /// randrange(n): a uniform number in {0, ..., n - 1}, n > 0.
  uint32_t below(uint32_t n);

  /// random(): a double in [0, 1) with 53 random bits.
  double real();

  /// sample(range(population), count): `count` different numbers below `population`, in the order drawn. Throws Error
  /// unless 0 <= count <= population.
  std::vector<int> sample(int population, int count);

  /// shuffle(items), in place.
  template <class T>
  void shuffle(std::span<T> items) {
    for (size_t i = items.size(); i-- > 1;) std::swap(items[i], items[below(static_cast<uint32_t>(i) + 1)]);
  }

 private:
  MersenneTwister twister_;
};

}  // namespace mneme
