#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "engine/base/random.h"

using namespace mneme;

namespace {

std::array<uint32_t, 4> words_of(RandomKey key, RandomCounter counter) {
  const RandomWords x = random_words(key, counter);
  return {x.word[0], x.word[1], x.word[2], x.word[3]};
}

constexpr RandomKey some_key{0x12345678, 0x9abcdef0};

}  // namespace

// The test vectors published with the algorithm (Random123, philox 4x32 with 10 rounds).
TEST_CASE("Philox4x32-10 gives its published known answers") {
  CHECK(words_of({0, 0}, {0, 0, 0, 0}) == std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(words_of({~0u, ~0u}, {~0u, ~0u, ~0u, ~0u}) ==
        std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(words_of({0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}) ==
        std::array<uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("seeds and streams have keys of their own") {
  std::set<std::pair<uint32_t, uint32_t>> keys;
  for (uint64_t seed : {uint64_t{0}, uint64_t{1}, uint64_t{1993}, uint64_t{1} << 32, ~uint64_t{0}})
    for (Stream stream : {Stream::order, Stream::split, Stream::init, Stream::shuffle, Stream::augment,
                          Stream::exemplars, Stream::teacher, Stream::generated}) {
      const RandomKey key = random_key(seed, stream);
      keys.insert({key.low, key.high});
    }
  CHECK(keys.size() == 5 * 8);
}

TEST_CASE("every field of the counter changes the draw") {
  std::set<uint32_t> draws;
  for (const RandomCounter& c : {RandomCounter{}, RandomCounter{.task = 1}, RandomCounter{.epoch = 1},
                                 RandomCounter{.sample = 1}, RandomCounter{.draw = 1}})
    draws.insert(random_words(some_key, c).word[0]);
  CHECK(draws.size() == 5);
}

TEST_CASE("unit numbers cover [0, 1) and never reach 1") {
  CHECK(unit_float(0) == 0.0f);
  CHECK(unit_float(~0u) == 1.0f - 0x1p-24f);
  CHECK(unit_float(0x80000000) == 0.5f);
  CHECK(unit_double(~0u, ~0u) == 1.0 - 0x1p-53);
  CHECK(unit_double(0x80000000, 0) == 0.5);
  CHECK(unit_double(0, 1u << 11) == 0x1p-53);
}

TEST_CASE("uniform numbers have the mean and variance of [0, 1)") {
  constexpr int n = 100000;
  double sum = 0, squares = 0, sum32 = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const double u = uniform01_double(some_key, {0, 0, i, 0});
    sum += u;
    squares += u * u;
    sum32 += static_cast<double>(uniform01(some_key, {0, 0, i, 1}));
  }
  // five standard errors: 5 * sqrt(1/12 / n) = .0046
  CHECK(std::abs(sum / n - 0.5) < 0.0046);
  CHECK(std::abs(sum32 / n - 0.5) < 0.0046);
  CHECK(std::abs(squares / n - 1.0 / 3) < 0.0048);
}

TEST_CASE("uniform integers stay below n and fill it evenly") {
  constexpr int draws = 60000, sides = 6;
  std::array<int, sides> count{};
  for (uint32_t i = 0; i < draws; ++i) ++count.at(uniform_int(some_key, {1, 2, i, 3}, sides));
  double chi2 = 0;
  for (int c : count) chi2 += (c - draws / sides) * (c - draws / sides) / double(draws / sides);
  CHECK(chi2 < 25);  // five degrees of freedom: one key in 7000 exceeds this
  CHECK(uniform_int(some_key, {}, 1) == 0);
}

TEST_CASE("uniform integers are the top of a 96-bit product") {
  const RandomWords x = random_words(some_key, {9, 8, 7, 6});
  const unsigned __int128 product = (static_cast<unsigned __int128>(x.word[0]) << 32 | x.word[1]) * 4000000007u;
  CHECK(uniform_int(some_key, {9, 8, 7, 6}, 4000000007u) == static_cast<uint32_t>(product >> 64));
}

TEST_CASE("normal numbers have mean 0, variance 1, kurtosis 3") {
  constexpr int n = 100000;
  double m1 = 0, m2 = 0, m4 = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const double z = normal(some_key, {0, 0, i, 0});
    REQUIRE(std::isfinite(z));
    m1 += z / n;
    m2 += z * z / n;
    m4 += z * z * z * z / n;
  }
  // five standard errors: sqrt(1/n), sqrt(2/n), sqrt(96/n)
  CHECK(std::abs(m1) < 0.016);
  CHECK(std::abs(m2 - 1) < 0.023);
  CHECK(std::abs(m4 - 3) < 0.16);
}

TEST_CASE("a permutation holds every index once and depends on key, task and epoch alone") {
  const std::vector<int> order = permutation(some_key, 3, 5, 1000);
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (int i = 0; i < 1000; ++i) REQUIRE(sorted[static_cast<size_t>(i)] == i);
  CHECK(order == permutation(some_key, 3, 5, 1000));
  CHECK(order != permutation(some_key, 3, 6, 1000));
  CHECK(order != permutation(some_key, 4, 5, 1000));
  CHECK(order != permutation(random_key(0, Stream::shuffle), 3, 5, 1000));
  CHECK(permutation(some_key, 0, 0, 0).empty());
  CHECK(permutation(some_key, 0, 0, 1) == std::vector<int>{0});
}

TEST_CASE("every permutation of three is equally likely") {
  std::array<int, 27> count{};
  for (uint32_t epoch = 0; epoch < 6000; ++epoch) {
    const std::vector<int> p = permutation(some_key, 0, epoch, 3);
    ++count.at(static_cast<size_t>(p[0] * 9 + p[1] * 3 + p[2]));
  }
  double chi2 = 0;
  for (int c : count)
    if (c > 0) chi2 += (c - 1000) * (c - 1000) / 1000.0;
  CHECK(std::count(count.begin(), count.end(), 0) == 27 - 6);
  CHECK(chi2 < 25);
}
