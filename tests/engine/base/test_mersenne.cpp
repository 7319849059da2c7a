// The values for NumpyRandom come from NumPy 1.26's RandomState, those for PythonRandom from Python 3.11's
// random.Random. Each test says which calls gave them.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "engine/base/error.h"
#include "engine/base/mersenne.h"

using namespace mneme;
using Words = std::vector<uint32_t>;
using Ints = std::vector<int>;

namespace {

Ints first(const Ints& items, size_t count) { return Ints(items.begin(), items.begin() + static_cast<long>(count)); }
Ints last(const Ints& items, size_t count) { return Ints(items.end() - static_cast<long>(count), items.end()); }

template <class Draw>
auto repeat(int times, Draw draw) {
  std::vector<decltype(draw())> out;
  for (int i = 0; i < times; ++i) out.push_back(draw());
  return out;
}

}  // namespace

TEST_CASE("the NumPy stream is MT19937 under the single-integer seeding") {
  for (uint32_t seed : {0u, 1993u, 5489u, ~0u}) {
    NumpyRandom ours(seed);
    std::mt19937 standard(seed);
    for (int i = 0; i < 2000; ++i) REQUIRE(ours.next() == standard());
  }
  NumpyRandom a(1993), b(0);
  CHECK(repeat(4, [&] { return a.next(); }) == Words{431310241, 1195554489, 942364593, 3914113249});
  CHECK(repeat(4, [&] { return b.next(); }) == Words{2357136044, 2546248239, 3071714933, 3626093760});
}

TEST_CASE("all 64 bits of a seed count") {
  const uint64_t high = uint64_t{1} << 63;
  CHECK(NumpyRandom(7).next() != NumpyRandom((uint64_t{1} << 32) + 7).next());
  CHECK(NumpyRandom(7).next() != NumpyRandom(high + 7).next());
  CHECK(PythonRandom(7).bits(32) != PythonRandom(high + 7).bits(32));
  CHECK(PythonRandom(~uint64_t{0} - 6).bits(32) != PythonRandom(7).bits(32));  // -7 as an unsigned number
}

TEST_CASE("a bounded draw masks and retries; a bound of zero consumes nothing") {
  NumpyRandom draws(7), words(7);
  CHECK(draws.bounded(0) == 0);
  for (int i = 0; i < 500; ++i) {
    uint32_t expected = words.next() & 127;
    while (expected > 99) expected = words.next() & 127;
    REQUIRE(draws.bounded(99) == expected);
  }
  CHECK(draws.bounded(~0u) == words.next());
}

TEST_CASE("permutations equal RandomState's") {
  const Ints seed0 = NumpyRandom(0).permutation(1000), ten_thousand = NumpyRandom(0).permutation(10000);
  const Ints seed1993 = NumpyRandom(1993).permutation(1000);
  CHECK(first(seed0, 10) == Ints{993, 859, 298, 553, 672, 971, 27, 231, 306, 706});
  CHECK(first(ten_thousand, 10) == Ints{9394, 898, 2398, 5906, 2343, 8225, 5506, 6451, 2670, 3497});
  CHECK(first(seed1993, 20) ==
        Ints{54, 7, 894, 512, 126, 337, 988, 11, 284, 493, 133, 783, 192, 979, 622, 215, 240, 548, 238, 419});
}

TEST_CASE("shuffles and permutations of any size continue one stream") {
  NumpyRandom random(5);  // a = arange(3); shuffle(a); permutation(17); permutation(1); permutation(70000)
  Ints three{0, 1, 2};
  random.shuffle(std::span<int>(three));
  CHECK(three == Ints{0, 1, 2});
  CHECK(random.permutation(17) == Ints{2, 5, 15, 3, 12, 1, 11, 10, 13, 14, 7, 4, 8, 9, 0, 16, 6});
  CHECK(random.permutation(1) == Ints{0});
  CHECK(random.permutation(0).empty());
  CHECK(first(random.permutation(70000), 6) == Ints{56247, 23831, 45553, 69565, 47454, 56467});
}

TEST_CASE("Python's seeding: zero, small and two-limb seeds") {
  struct Row {
    uint64_t seed;
    Words words;
    Ints below500;
    double real;
  };
  // r = Random(seed); 4 x r.getrandbits(32); 6 x r.randrange(500); r.random()
  for (const Row& row :
       {Row{0, {3626764237, 1654615998, 3255389356, 3823568514}, {215, 20, 132, 494, 261, 248}, 0x1.9ea70df588b3cp-2},
        Row{1993, {2064546631, 2662971930, 1129600886, 3911360234}, {229, 18, 59, 455, 85, 170}, 0x1.ca0bcd166c4a2p-1},
        Row{7, {1390851128, 4071050724, 647892279, 1695753998}, {333, 24, 37, 420, 274, 48}, 0x1.767727ca98cc2p-2},
        Row{1099511627781,
            {2166296868, 2220160828, 1153647273, 2850991874},
            {474, 14, 271, 388, 418, 427},
            0x1.92c1807d31931p-1}}) {
    CAPTURE(row.seed);
    PythonRandom random(row.seed);
    CHECK(repeat(4, [&] { return random.bits(32); }) == row.words);
    CHECK(repeat(6, [&] { return static_cast<int>(random.below(500)); }) == row.below500);
    CHECK(random.real() == row.real);
  }
}

TEST_CASE("sample of 50 from 500 equals Python's for seed 0") {
  PythonRandom random(0);
  const Ints drawn = random.sample(500, 50);
  CHECK(first(drawn, 8) == Ints{432, 197, 388, 455, 215, 20, 132, 494});
  CHECK(last(drawn, 8) == Ints{435, 350, 169, 241, 286, 51, 181, 222});
  CHECK(first(random.sample(500, 50), 8) == Ints{161, 312, 327, 467, 104, 494, 282, 244});
}

TEST_CASE("sample uses a pool up to Python's size limit and a set beyond") {
  PythonRandom random(3);
  CHECK(random.sample(21, 5) == Ints{7, 18, 17, 4, 11});        // 21 <= 21: a list of all positions is used
  CHECK(random.sample(22, 5) == Ints{19, 15, 20, 18, 2});       // a set of drawn positions is used
  CHECK(random.sample(85, 6) == Ints{77, 1, 60, 33, 70, 29});   // 85 <= 21 + 64: a list is used
  CHECK(random.sample(86, 6) == Ints{24, 60, 69, 70, 50, 81});  // a set is used
  CHECK(random.sample(10, 10) == Ints{2, 3, 9, 6, 4, 8, 0, 7, 5, 1});
  CHECK(random.sample(4, 0).empty());
  CHECK(random.real() == 0x1.8436c13d47a1cp-1);  // the generator has consumed as many words as Python's
}

TEST_CASE("Python's shuffle of range(12), seed 11") {
  PythonRandom random(11);
  Ints items{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  random.shuffle(std::span<int>(items));
  CHECK(items == Ints{2, 5, 0, 6, 10, 4, 1, 3, 9, 11, 8, 7});
}

TEST_CASE("a sample larger than its population is refused") {
  CHECK_THROWS_WITH_AS(PythonRandom(0).sample(3, 4), "cannot sample 4 different items out of 3; ask for at most 3",
                       Error);
  CHECK_THROWS_AS(PythonRandom(0).sample(3, -1), Error);
}
