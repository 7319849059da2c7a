#include "incremental/report/statistics/paired_tests.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "engine/base/error.h"
#include "incremental/report/statistics/rank_tests.h"
#include "incremental/report/statistics/sample.h"

namespace mneme {
namespace {

using boost::math::complement;

constexpr int most_exact = 50, most_exact_with_ties = 13;

std::vector<double> differences_of(std::span<const double> a, std::span<const double> b, std::size_t least) {
  MNEME_CHECK(a.size() == b.size() && a.size() >= least,
              "a paired test needs at least {} that both sides have, got {} and {} values",
              least == 1 ? "one seed" : "two seeds", a.size(), b.size());
  std::vector<double> d(a.size());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = a[i] - b[i];
  return d;
}

/// How many of the 2^n assignments of signs to these ranks have each sum of positive ranks. Ranks with ties are
/// multiples of 1/2, so entry s counts sums of s / 2. The counts are exact as double for up to 53 ranks.
std::vector<double> counts_by_sum(std::span<const double> ranks) {
  std::vector<double> counts = {1};
  for (const double rank : ranks) {
    const auto twice = static_cast<std::size_t>(std::lround(2 * rank));
    std::vector<double> next(counts.size() + twice, 0.0);
    for (std::size_t s = 0; s < counts.size(); ++s) next[s] += counts[s], next[s + twice] += counts[s];
    counts = std::move(next);
  }
  return counts;
}

/// Twice the smaller tail of the sum of positive ranks, at most 1.
double exact_p(std::span<const double> ranks, double positive) {
  const std::vector<double> counts = counts_by_sum(ranks);
  const auto at = static_cast<std::ptrdiff_t>(std::lround(2 * positive));
  const double below = std::accumulate(counts.begin(), counts.begin() + at + 1, 0.0),
               above = std::accumulate(counts.begin() + at, counts.end(), 0.0);
  return std::min(1.0, 2 * std::min(below, above) / std::ldexp(1.0, static_cast<int>(ranks.size())));
}

/// The variance of the sum is n (n + 1) (2 n + 1) / 24, less ties_in() / 48.
double approximate_p(std::span<const double> ranks, double positive) {
  const auto n = static_cast<double>(ranks.size());
  const double variance = (n * (n + 1) * (2 * n + 1) - ties_in(ranks) / 2) / 24;
  const double z = (positive - n * (n + 1) / 4) / std::sqrt(variance);
  return 2 * cdf(complement(boost::math::normal(), std::abs(z)));
}

}  // namespace

double student_two_sided(double t, double freedom) {
  if (std::isinf(t)) return 0;
  return 2 * cdf(complement(boost::math::students_t(freedom), std::abs(t)));
}

PairedTest paired_test(std::span<const double> a, std::span<const double> b, double confidence) {
  MNEME_CHECK(confidence > 0 && confidence < 1, "a confidence is between 0 and 1, and {} is not", confidence);
  const std::vector<double> d = differences_of(a, b, 2);
  PairedTest test{static_cast<int>(d.size()), mean_of(d)};
  const double error = deviation_of(d) / std::sqrt(static_cast<double>(d.size()));
  test.t = test.difference == 0 ? 0 : test.difference / error;
  test.p = student_two_sided(test.t, test.pairs - 1);
  const double reach = error * quantile(complement(boost::math::students_t(test.pairs - 1), (1 - confidence) / 2));
  test.low = test.difference - reach;
  test.high = test.difference + reach;
  return test;
}

WilcoxonTest wilcoxon_test(std::span<const double> a, std::span<const double> b) {
  std::vector<double> d = differences_of(a, b, 1);
  const std::size_t all = d.size();
  std::erase(d, 0.0);
  if (d.empty()) return {};
  std::vector<double> sizes(d.size());
  std::ranges::transform(d, sizes.begin(), [](double x) { return std::abs(x); });
  const std::vector<double> ranks = average_ranks(sizes);
  double positive = 0, negative = 0;
  for (std::size_t i = 0; i < d.size(); ++i) (d[i] > 0 ? positive : negative) += ranks[i];
  std::ranges::sort(sizes);
  const bool is_plain = d.size() == all && std::ranges::adjacent_find(sizes) == sizes.end();
  const bool is_exact = all <= static_cast<std::size_t>(is_plain ? most_exact : most_exact_with_ties);
  return {static_cast<int>(d.size()), std::min(positive, negative),
          is_exact ? exact_p(ranks, positive) : approximate_p(ranks, positive), is_exact};
}

double smallest_wilcoxon_p(int pairs) { return std::min(1.0, std::ldexp(2.0, -pairs)); }

std::vector<double> holm_corrected(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) order.push_back(i);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> corrected(p.begin(), p.end());
  double so_far = 0;
  for (std::size_t j = 0; j < order.size(); ++j) {
    so_far = std::max(so_far, std::min(1.0, static_cast<double>(order.size() - j) * p[order[j]]));
    corrected[order[j]] = so_far;
  }
  return corrected;
}

}  // namespace mneme
