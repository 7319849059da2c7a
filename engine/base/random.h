#pragma once
// Note [Random numbers are counters]
// There is no generator with a state. Every draw is a function of a key (seed and stream) and a counter (task, epoch,
// sample, draw), computed by Philox4x32-10: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011. So a run can resume at any step, threads and devices may draw in any order, and one stream never shifts
// another. Every draw has the same bits on every machine, with one exception: normal() takes its logarithm and cosine
// from the platform, which may differ in the last bit on a GPU.

#include <cassert>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/base/on_device.h"

namespace mneme {

/// What a draw is for. The values are part of the results of every run: append new ones and never renumber.
enum class Stream : uint32_t {
  order = 0,            ///< reserved: class orders now come from NumPy's generator
  split = 1,            ///< reserved: splits now come from Python's generator
  init = 2,             ///< initial weights
  shuffle = 3,          ///< order of the images in an epoch
  augment = 4,          ///< augmentation of images
  exemplars = 5,        ///< random choice of exemplars
  teacher = 6,          ///< reserved: a teacher draws nothing
  generated = 7,        ///< generated images
  importance = 8,       ///< images and labels for importance weights
  noise = 9,            ///< noise on gradients
  held_out = 10,        ///< choice of validation images
  anew = 11,            ///< seeds of networks that are initialised again
  meta_gradient = 12,   ///< order of the images for meta-gradients
  clusters = 13,        ///< starts of k-means
  beside = 14,          ///< images drawn besides the batch
  exemplar_pixels = 15  ///< learned pixels of exemplars
};

/// 64 bits that select one of the independent sequences; made by random_key().
struct RandomKey {
  uint32_t low = 0,  ///< the lower 32 bits
      high = 0;      ///< the upper 32 bits
};

/// Selects one draw of a sequence. The names state the usual meaning; code that counts something else says so.
struct RandomCounter {
  uint32_t task = 0,  ///< number of the task
      epoch = 0,      ///< number of the epoch
      sample = 0,     ///< number of the image or element
      draw = 0;       ///< number of the draw
};

/// Four independent, uniformly distributed words of 32 bits.
struct RandomWords {
  uint32_t word[4];  ///< the words
};

/// The block function of Philox4x32-10.
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

/// The key of one stream of one seed. It is itself a draw under the seed, so that the keys of neighbouring seeds and
/// streams are unrelated.
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

/// A uniform float in [0, 1) with 24 random bits.
ON_DEVICE inline float uniform01(RandomKey key, RandomCounter counter) {
  return unit_float(random_words(key, counter).word[0]);
}

/// A uniform double in [0, 1) with 53 random bits.
ON_DEVICE inline double uniform01_double(RandomKey key, RandomCounter counter) {
  const RandomWords x = random_words(key, counter);
  return unit_double(x.word[0], x.word[1]);
}

/// A uniform number in {0, ..., n - 1}, n > 0: the upper part of (64 random bits) * n. Its distribution is off uniform
/// by less than n / 2^64.
ON_DEVICE inline uint32_t uniform_int(RandomKey key, RandomCounter counter, uint32_t n) {
  assert(n > 0);
  const RandomWords x = random_words(key, counter);
  return static_cast<uint32_t>((uint64_t{x.word[0]} * n + (uint64_t{x.word[1]} * n >> 32)) >> 32);
}

/// A standard normal number by Box and Muller: sqrt(-2 ln u) cos(2 pi v) with u in (0, 1] and v in [0, 1).
ON_DEVICE inline double normal(RandomKey key, RandomCounter counter) {
  const RandomWords x = random_words(key, counter);
  const double u = 1.0 - unit_double(x.word[0], x.word[1]), v = unit_double(x.word[2], x.word[3]);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586476925 * v);
}

/// The numbers 0 to n - 1 in uniformly random order (Fisher and Yates); the same for the same key, task and epoch. n >=
/// 0.
inline std::vector<int> permutation(RandomKey key, uint32_t task, uint32_t epoch, int n) {
  assert(n >= 0);
  std::vector<int> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (uint32_t i = static_cast<uint32_t>(n); i-- > 1;)
    std::swap(order[i], order[uniform_int(key, {task, epoch, i, 0}, i + 1)]);
  return order;
}

}  // namespace mneme
