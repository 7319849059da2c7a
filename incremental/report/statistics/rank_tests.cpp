#include "incremental/report/statistics/rank_tests.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr int most_methods = 200;

/// P(range of k standard normal values <= q) = k * integral of phi(z) (Phi(z) - Phi(z - q))^(k - 1) dz.
double range_probability(double q, int k) {
  const boost::math::normal normal;
  const auto density = [&](double z) { return pdf(normal, z) * std::pow(cdf(normal, z) - cdf(normal, z - q), k - 1); };
  double sum = 0;
  for (double from = -9; from < 9; from += 3)  // beyond 9 the density is below 1e-18
    sum += boost::math::quadrature::gauss_kronrod<double, 61>::integrate(density, from, from + 3, 5, 1e-15);
  return k * sum;
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t from = 0, end; from < order.size(); from = end) {
    for (end = from + 1; end < order.size() && values[order[end]] == values[order[from]];) ++end;
    for (std::size_t i = from; i < end; ++i) ranks[order[i]] = static_cast<double>(from + end + 1) / 2;
  }
  return ranks;
}

double ties_in(std::span<const double> all) {
  std::vector<double> values(all.begin(), all.end());
  std::ranges::sort(values);
  double sum = 0;
  for (auto from = values.begin(); from != values.end();) {
    const auto end = std::upper_bound(from, values.end(), *from);
    const auto t = static_cast<double>(end - from);
    sum += t * t * t - t;
    from = end;
  }
  return sum;
}

FriedmanTest friedman_test(std::span<const std::vector<double>> scores) {
  const std::size_t methods = scores.empty() ? 0 : scores[0].size();
  const bool is_table = std::ranges::all_of(scores, [&](const auto& row) { return row.size() == methods; });
  MNEME_CHECK(is_table && scores.size() >= 2 && methods >= 3,
              "Friedman's test compares at least three methods in the same settings, at least two; got {} and {}",
              methods, scores.size());
  const auto k = static_cast<double>(methods), n = static_cast<double>(scores.size());
  FriedmanTest test;
  test.mean_ranks.assign(methods, 0.0);
  double ties = 0, squares = 0;
  for (const std::vector<double>& row : scores) {
    std::vector<double> losses(row);
    for (double& score : losses) score = -score;
    const std::vector<double> ranks = average_ranks(losses);
    for (std::size_t m = 0; m < methods; ++m) test.mean_ranks[m] += ranks[m] / n;
    ties += ties_in(losses);
  }
  for (const double rank : test.mean_ranks) squares += n * rank * n * rank;
  const double correction = 1 - ties / (k * (k * k - 1) * n);
  if (correction <= 0) return test;
  test.chi_square = (12 / (k * n * (k + 1)) * squares - 3 * n * (k + 1)) / correction;
  test.p = cdf(complement(boost::math::chi_squared(k - 1), std::max(0.0, test.chi_square)));
  return test;
}

double nemenyi_critical_difference(int methods, int settings, double alpha) {
  MNEME_CHECK(methods >= 2 && methods <= most_methods && settings >= 1 && alpha > 0 && alpha < 1,
              "a critical difference needs 2 to {} methods, settings, and a level between 0 and 1; got {}, {} and {}",
              most_methods, methods, settings, alpha);
  const auto above = [&](double q) { return range_probability(q, methods) - (1 - alpha); };
  std::uintmax_t steps = 200;
  const auto [low, high] = boost::math::tools::toms748_solve(above, 0.0, 60.0, above(0.0), above(60.0),
                                                             boost::math::tools::eps_tolerance<double>(50), steps);
  return (low + high) / 2 / std::sqrt(2.0) * std::sqrt(methods * (methods + 1) / (6.0 * settings));
}

std::vector<std::pair<std::size_t, std::size_t>> not_told_apart(std::span<const double> sorted,
                                                                double critical_difference) {
  std::vector<std::pair<std::size_t, std::size_t>> stretches;
  for (std::size_t first = 0; first < sorted.size(); ++first) {
    std::size_t last = first;
    while (last + 1 < sorted.size() && sorted[last + 1] - sorted[first] < critical_difference) ++last;
    const bool is_longer = stretches.empty() || last > stretches.back().second;
    if (last > first && is_longer) stretches.push_back({first, last});
  }
  return stretches;
}

}  // namespace mneme
