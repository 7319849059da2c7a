#pragma once
// Note [Random numbers are counters]
// There is no generator state. Every draw is a function of a key (seed and stream) and a counter (task, epoch, sample,
// draw), computed by Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
// So a run resumes from any step, threads and devices may draw in any order, and one stream never shifts another.
// The exception is `normal`: its logarithm and cosine come from the platform, and may differ in the last bit on a GPU.

#include <cassert>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/base/on_device.h"

namespace mneme {

/// What a draw is for. Numbers are part of every run's results: append, never renumber.
enum class Stream : uint32_t {
  order = 0,
  split = 1,
  init = 2,
  shuffle = 3,
  augment = 4,
  exemplars = 5,
  teacher = 6,
  generated = 7,
  importance = 8,
  noise = 9,
  held_out = 10,
  anew = 11,
  meta_gradient = 12,
  clusters = 13,
  beside = 14,
  exemplar_pixels = 15
};

/// 64 bits that select one of the independent sequences. Made by `random_key`.
struct RandomKey {
  uint32_t low = 0, high = 0;
};

/// Which draw of a sequence. The names are the usual meaning; a caller with other axes documents its own.
struct RandomCounter {
  uint32_t task = 0, epoch = 0, sample = 0, draw = 0;
};

/// Four independent, uniformly distributed 32-bit words.
struct RandomWords {
  uint32_t word[4];
};

/// The Philox4x32-10 block function.
ON_DEVICE inline RandomWords random_words(RandomKey key, RandomCounter counter) {
  RandomWords x{{counter.task, counter.epoch, counter.sample, counter.draw}};
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * x.word[0], b = uint64_t{0xCD9E8D57} * x.word[2];
    x = {{static_cast<uint32_t>(b >> 32) ^ x.word[1] ^ key.low, static_cast<uint32_t>(b),
          static_cast<uint32_t>(a >> 32) ^ x.word[3] ^ key.high, static_cast<uint32_t>(a)}};
    key.low += 0x9E3779B9;
    key.high += 0xBB67AE85;
  }
  return x;
}

/// The key of one stream of one seed: one block under the seed, so that neither neighbouring seeds nor streams
/// resemble.
ON_DEVICE inline RandomKey random_key(uint64_t seed, Stream stream) {
  const RandomKey whole{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  const RandomWords x = random_words(whole, {static_cast<uint32_t>(stream), 0, 0, 0});
  return {x.word[0], x.word[1]};
}

/// 24 bits of a word as a float in [0, 1).
ON_DEVICE inline float unit_float(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

/// 53 bits of two words as a double in [0, 1).
ON_DEVICE inline double unit_double(uint32_t high, uint32_t low) {
  return static_cast<double>((uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
}

/// Uniform in [0, 1), 24 bits.
ON_DEVICE inline float uniform01(RandomKey key, RandomCounter counter) {
  return unit_float(random_words(key, counter).word[0]);
}

/// Uniform in [0, 1), 53 bits.
ON_DEVICE inline double uniform01_double(RandomKey key, RandomCounter counter) {
  const RandomWords x = random_words(key, counter);
  return unit_double(x.word[0], x.word[1]);
}

/// Uniform in {0, ..., n-1}, n > 0: the upper part of (64 random bits) * n, which is off uniform by less than n / 2^64.
ON_DEVICE inline uint32_t uniform_int(RandomKey key, RandomCounter counter, uint32_t n) {
  assert(n > 0);
  const RandomWords x = random_words(key, counter);
  return static_cast<uint32_t>((uint64_t{x.word[0]} * n + (uint64_t{x.word[1]} * n >> 32)) >> 32);
}

/// Standard normal, by Box and Muller: sqrt(-2 ln u) cos(2 pi v) with u in (0, 1].
ON_DEVICE inline double normal(RandomKey key, RandomCounter counter) {
  const RandomWords x = random_words(key, counter);
  const double u = 1.0 - unit_double(x.word[0], x.word[1]), v = unit_double(x.word[2], x.word[3]);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586476925 * v);
}

/// A uniformly distributed order of 0..n-1 (Fisher and Yates), the same for the same key, task and epoch.
inline std::vector<int> permutation(RandomKey key, uint32_t task, uint32_t epoch, int n) {
  assert(n >= 0);
  std::vector<int> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (uint32_t i = static_cast<uint32_t>(n); i-- > 1;)
    std::swap(order[i], order[uniform_int(key, {task, epoch, i, 0}, i + 1)]);
  return order;
}

}  // namespace mneme
