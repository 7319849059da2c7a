#include "engine/base/mersenne.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "engine/base/error.h"

namespace mneme {

MersenneTwister::MersenneTwister(uint32_t seed) {
  state_[0] = seed;
  for (uint32_t k = 1; k < words; ++k) state_[k] = 1812433253u * (state_[k - 1] ^ (state_[k - 1] >> 30)) + k;
}

MersenneTwister::MersenneTwister(std::span<const uint32_t> key) : MersenneTwister(19650218u) {
  assert(!key.empty());
  const auto mixed = [this](size_t i, uint32_t factor) {
    return state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * factor);
  };
  const auto advance = [this](size_t& i) {
    if (++i < words) return;
    state_[0] = state_[words - 1];
    i = 1;
  };
  size_t i = 1;
  for (size_t step = 0; step < std::max(words, key.size()); ++step, advance(i)) {
    const size_t j = step % key.size();
    state_[i] = mixed(i, 1664525u) + key[j] + static_cast<uint32_t>(j);
  }
  for (size_t step = 0; step < words - 1; ++step, advance(i))
    state_[i] = mixed(i, 1566083941u) - static_cast<uint32_t>(i);
  state_[0] = 0x80000000u;
}

void MersenneTwister::refill() {
  for (size_t k = 0; k < words; ++k) {
    const uint32_t y = (state_[k] & 0x80000000u) | (state_[(k + 1) % words] & 0x7fffffffu);
    state_[k] = state_[(k + 397) % words] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0u);
  }
  used_ = 0;
}

uint32_t MersenneTwister::next() {
  if (used_ == words) refill();
  uint32_t y = state_[used_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

namespace {

/// Seeded with the words of 32 bits of `seed`, the low word first; zero is one word. Python seeds so.
MersenneTwister twister_of_words(uint64_t seed) {
  const std::array<uint32_t, 2> limbs{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  return MersenneTwister(std::span(limbs).first(limbs[1] ? 2 : 1));
}

}  // namespace

NumpyRandom::NumpyRandom(uint64_t seed)
    : twister_(seed >> 32 ? twister_of_words(seed) : MersenneTwister(static_cast<uint32_t>(seed))) {}

uint32_t NumpyRandom::bounded(uint32_t most) {
  if (most == 0) return 0;
  const uint32_t mask = ~uint32_t{0} >> std::countl_zero(most);
  for (;;)
    if (const uint32_t draw = next() & mask; draw <= most) return draw;
}

std::vector<int> NumpyRandom::permutation(int n) {
  std::vector<int> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  shuffle(std::span<int>(order));
  return order;
}

namespace {

// Python's sample() compares the memory of a list of all positions with that of a set of the drawn ones. Up to this
// population it takes the list.
int64_t largest_pool(int count) {
  int64_t power = 1;
  while (power < int64_t{3} * count) power *= 4;
  return 21 + (count > 5 ? power : 0);
}

}  // namespace

PythonRandom::PythonRandom(uint64_t seed) : twister_(twister_of_words(seed)) {}

uint32_t PythonRandom::below(uint32_t n) {
  assert(n > 0);
  const int width = std::bit_width(n);
  for (;;)
    if (const uint32_t draw = bits(width); draw < n) return draw;
}

double PythonRandom::real() {
  const uint32_t high = twister_.next() >> 5, low = twister_.next() >> 6;
  return (high * 67108864.0 + low) / 9007199254740992.0;
}

std::vector<int> PythonRandom::sample(int population, int count) {
  MNEME_CHECK(count >= 0 && count <= population, "cannot sample {} different items out of {}; ask for at most {}",
              count, population, population);
  std::vector<int> drawn;
  drawn.reserve(static_cast<size_t>(count));
  if (population <= largest_pool(count)) {
    std::vector<int> pool(static_cast<size_t>(population));
    std::iota(pool.begin(), pool.end(), 0);
    for (int left = population; static_cast<int>(drawn.size()) < count; --left) {
      const uint32_t j = below(static_cast<uint32_t>(left));
      drawn.push_back(pool[j]);
      pool[j] = pool[static_cast<size_t>(left) - 1];
    }
    return drawn;
  }
  std::vector<bool> taken(static_cast<size_t>(population));
  while (static_cast<int>(drawn.size()) < count) {
    const uint32_t j = below(static_cast<uint32_t>(population));
    if (taken[j]) continue;
    taken[j] = true;
    drawn.push_back(static_cast<int>(j));
  }
  return drawn;
}

}  // namespace mneme
