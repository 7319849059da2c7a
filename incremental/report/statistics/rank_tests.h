#pragma once
// Comparisons of many methods over several settings by their ranks, as Demšar recommends: "Statistical comparisons of
// classifiers over multiple data sets", JMLR 7, 2006.

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace mneme {

/// The ranks of values, from 1 for the smallest; equal values share the mean of their ranks.
std::vector<double> average_ranks(std::span<const double> values);
/// The sum of t^3 - t over the groups of t equal values, by which rank tests are corrected.
double ties_in(std::span<const double> values);

/// Friedman's test whether all methods perform alike, with the ranks that it judges by.
struct FriedmanTest {
  std::vector<double> mean_ranks;  ///< per method, over the settings; 1 is the best
  double chi_square = 0;           ///< corrected for ties
  double p = 1;                    ///< of the chi-square distribution with (methods - 1) degrees of freedom
};
/// `scores[s][m]` is the score of method m in setting s; higher is better. chi_square is that of
/// scipy.stats.friedmanchisquare; if all scores are tied in every setting it is 0. Throws Error unless there are at
/// least two settings with the same number of methods, at least three.
FriedmanTest friedman_test(std::span<const std::vector<double>> scores);

/// Two methods differ at level `alpha` by Nemenyi's test if their mean ranks differ by at least
/// CD = q sqrt(k (k + 1) / (6 N)), where q is the quantile 1 - alpha of the studentized range of k methods with
/// infinitely many degrees of freedom, divided by sqrt 2 (Demšar, section 3.2.2). Throws Error unless `methods` is 2 to
/// 200, `settings` at least 1 and `alpha` inside (0, 1).
double nemenyi_critical_difference(int methods, int settings, double alpha = 0.05);

/// The longest stretches of `sorted` (upwards) whose ends differ by less than `critical_difference`, as pairs of first
/// and last position; stretches of a single value are left out.
std::vector<std::pair<std::size_t, std::size_t>> not_told_apart(std::span<const double> sorted,
                                                                double critical_difference);

}  // namespace mneme
