#pragma once
// Clusters of points, for classifiers with several proxies per class.

#include <vector>

#include "engine/base/random.h"

namespace mneme {

/// The coordinates of a point.
using Point = std::vector<double>;

/// The random numbers of k-means, drawn from `key`, with the counters (task = what, epoch = try, sample = centre).
struct KMeansDraws {
  RandomKey key;      ///< selects the sequence
  uint32_t what = 0;  ///< which clustering this is
};

/// How long k-means searches.
struct KMeansOptions {
  int tries = 10;        ///< starts; the best result is kept
  int iterations = 300;  ///< the most iterations in each try
};

/// The k centres with the smallest inertia() among several tries of Lloyd's iteration, each started by k-means++
/// (Arthur and Vassilvitskii, SODA 2007). If fewer than k points are different, centres are repeated with noise of
/// deviation 1e-3. All points must have one size. Throws Error unless there are a point, a centre and a try.
std::vector<Point> k_means(const std::vector<Point>& points, int k, const KMeansDraws& draws,
                           const KMeansOptions& options = {});

/// The sum over the points of the squared distance to the nearest centre.
double inertia(const std::vector<Point>& points, const std::vector<Point>& centres);

}  // namespace mneme
