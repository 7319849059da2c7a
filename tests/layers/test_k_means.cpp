#include "layers/k_means.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"

namespace mneme::test {
namespace {

using Points = std::vector<Point>;

const KMeansDraws draws{random_key(3, Stream::clusters), 5};

/// Three clouds of twenty points each, around (0, 0), (10, 0) and (0, 10).
Points clouds() {
  Points points;
  for (uint32_t i = 0; i < 60; ++i)
    points.push_back({(i % 3 == 1 ? 10 : 0) + 0.3 * normal(draws.key, {9, 9, i, 0}),
                      (i % 3 == 2 ? 10 : 0) + 0.3 * normal(draws.key, {9, 9, i, 1})});
  return points;
}

Points sorted(Points points) {
  std::sort(points.begin(), points.end());
  return points;
}

TEST_CASE("clouds that lie apart are found, each centre the mean of its cloud") {
  const Points points = clouds();
  Points means(3, Point(2, 0.0));
  for (size_t i = 0; i < points.size(); ++i)
    for (size_t d = 0; d < 2; ++d) means[i % 3][d] += points[i][d] / 20;
  const Points centres = sorted(k_means(points, 3, draws)), expected = sorted(means);
  for (size_t j = 0; j < 3; ++j)
    for (size_t d = 0; d < 2; ++d) CHECK(centres[j][d] == doctest::Approx(expected[j][d]).epsilon(1e-9));
}

TEST_CASE("one centre is the mean of all, and as many centres as points are the points") {
  CHECK(k_means({{0, 0}, {1, 5}, {2, 1}}, 1, draws) == Points{{1, 2}});
  const Points points = {{0, 0}, {1, 0}, {5, 5}, {-3, 2}};
  CHECK(sorted(k_means(points, 4, draws)) == sorted(points));
  CHECK(inertia(points, k_means(points, 4, draws)) == 0);
}

TEST_CASE("a centre is the mean of what is nearest to it: no single step makes the result better") {
  const Points points = clouds();
  const Points centres = k_means(points, 5, draws);
  CHECK(inertia(points, centres) < inertia(points, k_means(points, 3, draws)));
  for (size_t j = 0; j < 5; ++j)
    for (const double step : {-1e-3, 1e-3}) {
      Points moved = centres;
      moved[j][0] += step;
      CHECK(inertia(points, moved) > inertia(points, centres));
    }
}

TEST_CASE("more tries are never worse, and equal keys give equal centres") {
  const Points points = clouds();
  for (uint32_t what = 0; what < 5; ++what) {
    const KMeansDraws here{draws.key, what};
    const double once = inertia(points, k_means(points, 7, here, {.tries = 1})),
                 often = inertia(points, k_means(points, 7, here, {.tries = 8}));
    CHECK(often <= once);
    CHECK(k_means(points, 7, here) == k_means(points, 7, here));
  }
  CHECK(k_means(points, 7, {draws.key, 0}, {.tries = 1}) != k_means(points, 7, {draws.key, 1}, {.tries = 1}));
}

TEST_CASE("where fewer points differ than centres are asked for, centres come again with a little noise") {
  const Points centres = k_means({{1, 0}, {1, 0}, {0, 1}}, 5, draws);
  REQUIRE(centres.size() == 5);
  for (const Point& c : centres) {
    const double to_first = std::hypot(c[0] - 1, c[1]), to_second = std::hypot(c[0], c[1] - 1);
    CHECK(std::min(to_first, to_second) < 6e-3);
  }
  CHECK(std::count(centres.begin(), centres.end(), Point{1, 0}) == 1);
  CHECK(std::count(centres.begin(), centres.end(), Point{0, 1}) == 1);
}

TEST_CASE("no points, no centres") {
  CHECK_THROWS_WITH_AS((void)k_means({}, 2, draws), "k-means: 2 centres of 0 points in 10 tries", Error);
}

}  // namespace
}  // namespace mneme::test
