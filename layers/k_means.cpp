#include "layers/k_means.h"

#include <algorithm>
#include <limits>

#include "engine/base/error.h"
#include "engine/base/stop.h"

namespace mneme {
namespace {

using Points = std::vector<Point>;

double squared_distance(const Point& a, const Point& b) {
  double sum = 0;
  for (size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

size_t nearest(const Point& point, const Points& centres) {
  size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (size_t j = 0; j < centres.size(); ++j)
    if (const double d = squared_distance(point, centres[j]); d < least) least = d, best = j;
  return best;
}

/// The first position where the running sum of the weights exceeds `level`. If rounding leaves none, the last one with
/// a positive weight.
size_t position_at(double level, const std::vector<double>& weights) {
  size_t last = 0;
  double sum = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) last = i;
    if ((sum += weights[i]) > level) break;
  }
  return last;
}

/// Each start is one of the points, drawn with a probability proportional to its squared distance from the starts
/// before it.
Points starts(const Points& points, int k, const KMeansDraws& draws, uint32_t attempt) {
  const auto uniform = [&](int centre) {
    return uniform01_double(draws.key, {draws.what, attempt, static_cast<uint32_t>(centre), 0});
  };
  Points centres;
  std::vector<double> weights(points.size(), 1.0);
  for (int j = 0; j < k; ++j) {
    double total = 0;
    for (const double w : weights) total += w;
    if (total <= 0) break;
    centres.push_back(points[position_at(uniform(j) * total, weights)]);
    for (size_t i = 0; i < points.size(); ++i) {
      const double d = squared_distance(points[i], centres.back());
      weights[i] = j == 0 ? d : std::min(weights[i], d);
    }
  }
  return centres;
}

void repeat_with_noise(Points& centres, int k, const KMeansDraws& draws, uint32_t attempt) {
  const size_t different = centres.size();
  for (size_t j = different; j < static_cast<size_t>(k); ++j) {
    Point centre = centres[j % different];
    uint32_t draw = 0;
    for (double& x : centre) x += 1e-3 * normal(draws.key, {draws.what, attempt, static_cast<uint32_t>(j), ++draw});
    centres.push_back(std::move(centre));
  }
}

/// Moves every centre to the mean of the points nearest to it; a centre without points stays. Returns false if no point
/// changed its centre.
bool improve(const Points& points, Points& centres, std::vector<size_t>& of_point) {
  std::vector<size_t> now;
  for (const Point& point : points) now.push_back(nearest(point, centres));
  if (now == of_point) return false;
  of_point = std::move(now);
  Points sums(centres.size(), Point(centres[0].size(), 0.0));
  std::vector<double> counts(centres.size(), 0.0);
  for (size_t i = 0; i < points.size(); ++i) {
    ++counts[of_point[i]];
    for (size_t d = 0; d < points[i].size(); ++d) sums[of_point[i]][d] += points[i][d];
  }
  for (size_t j = 0; j < centres.size(); ++j)
    for (size_t d = 0; counts[j] > 0 && d < centres[j].size(); ++d) centres[j][d] = sums[j][d] / counts[j];
  return true;
}

}  // namespace

double inertia(const Points& points, const Points& centres) {
  double sum = 0;
  for (const Point& point : points) sum += squared_distance(point, centres[nearest(point, centres)]);
  return sum;
}

Points k_means(const Points& points, int k, const KMeansDraws& draws, const KMeansOptions& options) {
  MNEME_CHECK(!points.empty() && k > 0 && options.tries > 0, "k-means: {} centres of {} points in {} tries", k,
              points.size(), options.tries);
  Points best;
  double least = std::numeric_limits<double>::infinity();
  for (uint32_t attempt = 0; attempt < static_cast<uint32_t>(options.tries); ++attempt) {
    Points centres = starts(points, k, draws, attempt);
    repeat_with_noise(centres, k, draws, attempt);
    std::vector<size_t> of_point;
    for (int i = 0; i < options.iterations && improve(points, centres, of_point); ++i) stop_if_asked();
    if (const double sum = inertia(points, centres); sum < least) least = sum, best = std::move(centres);
  }
  return best;
}

}  // namespace mneme
