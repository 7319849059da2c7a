#pragma once
// Clusters of points, for classifiers that know a class by several proxies.

#include <vector>

#include "engine/base/random.h"

namespace mneme {

using Point = std::vector<double>;

/// Where k-means draws from: of a key, the counters (task = what, epoch = try, sample = centre).
struct KMeansDraws {
  RandomKey key;
  uint32_t what = 0;
};

struct KMeansOptions {
  int tries = 10;        ///< starts, of which the best result is kept
  int iterations = 300;  ///< at most so many in each
};

/// The k centres with the least sum of squared distances from the points to their nearest centre, among several tries
/// of Lloyd's iteration from starts by k-means++ (Arthur and Vassilvitskii, SODA 2007). Where fewer than k points
/// differ, centres come again with noise of deviation 1e-3. Points must be of one size, and there must be one.
std::vector<Point> k_means(const std::vector<Point>& points, int k, const KMeansDraws& draws,
                           const KMeansOptions& options = {});

/// The sum over the points of the squared distance to the nearest centre.
double inertia(const std::vector<Point>& points, const std::vector<Point>& centres);

}  // namespace mneme
