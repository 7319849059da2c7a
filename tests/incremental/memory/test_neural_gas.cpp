// Selection of exemplars by neural gas: docs/methods/tpcil.md#neural-gas.

#include "incremental/memory/neural_gas.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/random.h"

namespace mneme::test {
namespace {

using Rows = std::vector<std::vector<float>>;

std::function<uint32_t(uint32_t)> draws(uint64_t seed = 5) {
  return [key = random_key(seed, Stream::exemplars), at = uint32_t{0}](uint32_t n) mutable {
    return uniform_int(key, {0, 0, 0, at++}, n);
  };
}

std::vector<int> indices_of(const std::vector<Exemplar>& picks) {
  std::vector<int> indices;
  for (const Exemplar& pick : picks) indices.push_back(pick.index);
  return indices;
}

TEST_CASE("vertices start at images, and stay there while none is shown") {
  const Rows rows = {{0, 1}, {5, 5}, {-3, 2}, {8, 0}};
  const std::vector<Exemplar> picks = neural_gas(rows, 3, draws(), {.epochs = 0});
  REQUIRE(picks.size() == 3);
  for (const Exemplar& pick : picks) CHECK(pick.distance == 0);
  const std::vector<int> indices = indices_of(picks);
  CHECK(std::set<int>(indices.begin(), indices.end()).size() == 3);
}

TEST_CASE("the nearest vertex goes eps of the way to an image and the next one e^(-1 / sigma) of that: by hand") {
  // The vertices start at the two images. The image presented first moves the other image's vertex by the share s = eps
  // e^(-1 / sigma) of the distance. Then the other image moves its own vertex back by eps of that, and the first vertex
  // by the share s.
  for (const double decay : {1.0, 3.0}) {
    const std::vector<Exemplar> picks = neural_gas({{0}, {10}}, 2, draws(), {.step = 0.1, .decay = decay, .epochs = 1});
    REQUIRE(picks.size() == 2);
    const auto [less, more] = std::minmax(picks[0].distance, picks[1].distance);
    const double s = 0.1 * std::exp(-1 / decay);
    CHECK(less == doctest::Approx(10 * s * 0.9).epsilon(1e-12));
    CHECK(more == doctest::Approx(10 * s).epsilon(1e-12));
  }
}

TEST_CASE("a vertex that goes all the way lies at the image shown last") {
  const std::vector<Exemplar> picks = neural_gas({{0}, {10}, {30}, {70}}, 1, draws(), {.step = 1, .epochs = 2});
  CHECK(picks.at(0).distance == 0);
}

/// Thirty points around (10, 0), twenty around (0, 10) and ten around (-10, -10), alternating.
Rows clouds() {
  Rows rows;
  for (uint32_t i = 0; i < 60; ++i) {
    const auto noise = [&](uint32_t axis) {
      return static_cast<float>(0.3 * normal(random_key(9, Stream::generated), {0, 0, i, axis}));
    };
    const uint32_t which = i % 6;
    if (which < 3)
      rows.push_back({10 + noise(0), noise(1)});
    else if (which < 5)
      rows.push_back({noise(0), 10 + noise(1)});
    else
      rows.push_back({-10 + noise(0), -10 + noise(1)});
  }
  return rows;
}

int cloud_of(const Exemplar& pick) { return pick.index % 6 < 3 ? 0 : pick.index % 6 < 5 ? 1 : 2; }

TEST_CASE("as many vertices as clouds find one each, wherever they start, and the fullest comes first") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    const std::vector<Exemplar> picks = neural_gas(clouds(), 3, draws(seed));
    REQUIRE(picks.size() == 3);
    for (int k = 0; k < 3; ++k) CHECK(cloud_of(picks[static_cast<size_t>(k)]) == k);
  }
}

TEST_CASE("one vertex stands in the middle of a cloud, and as many as there are images keep them all") {
  Rows cloud;
  for (int i = -10; i <= 10; ++i) cloud.push_back({static_cast<float>(i), 0});
  CHECK(std::abs(neural_gas(cloud, 1, draws()).at(0).index - 10) <= 4);
  std::vector<int> all = indices_of(neural_gas(cloud, 30, draws()));
  std::ranges::sort(all);
  REQUIRE(all.size() == 21);
  for (int i = 0; i < 21; ++i) CHECK(all[static_cast<size_t>(i)] == i);
}

TEST_CASE("images that look all alike are still kept once each") {
  std::vector<int> kept = indices_of(neural_gas(Rows(5, {1, 2}), 3, draws()));
  std::ranges::sort(kept);
  CHECK(std::ranges::adjacent_find(kept) == kept.end());
  CHECK(kept.size() == 3);
}

TEST_CASE("the neural gas is a selection by name, repeats with its draws, and takes its options") {
  CHECK(selection_named("neural-gas") == Selection::neural_gas);
  CHECK(needs_network(Selection::neural_gas));
  const Candidates candidates{{100, 101, 102, 103}, {{0, 0}, {0, 1}, {5, 5}, {5, 6}}, {}, 0};
  const auto chosen = [&](const NeuralGasOptions& gas) {
    return select_exemplars(Selection::neural_gas, candidates, 3, draws(), gas);
  };
  CHECK(chosen({}).size() == 3);
  CHECK(indices_of(chosen({})) == indices_of(chosen({})));
  for (const Exemplar& pick : chosen({})) {
    CHECK(pick.index >= 100);
    CHECK(pick.distance > 0);
  }
  for (const Exemplar& pick : chosen({.epochs = 0})) CHECK(pick.distance == 0);
}

}  // namespace
}  // namespace mneme::test
