#pragma once
// Tests whether paired values a[i] and b[i], such as two methods' accuracies with the same seed, differ.

#include <span>
#include <vector>

namespace mneme {

/// P(|T| >= |t|) for Student's T with `freedom` degrees of freedom (not necessarily an integer, greater than 0).
double student_two_sided(double t, double freedom);

/// The paired Student's t-test: T = mean(d) / (s(d) / sqrt n) with d = a - b, n pairs and n - 1 degrees of freedom. It
/// assumes that the differences are normally distributed, which a few seeds can neither confirm nor refute.
struct PairedTest {
  int pairs = 0;          ///< number n of pairs
  double difference = 0;  ///< mean of a - b
  double t = 0;           ///< infinite if all differences are equal and not 0
  double p = 1;           ///< two-sided p-value
  double low = 0,         ///< lower end of the confidence interval of the mean difference
      high = 0;           ///< its upper end: difference ± t* s(d) / sqrt n, where P(|T| > t*) is 1 - confidence
};
/// Throws Error unless both sides have the same number of values, at least two, and `confidence` is inside (0, 1).
PairedTest paired_test(std::span<const double> a, std::span<const double> b, double confidence = 0.95);

/// Wilcoxon's signed-rank test, Biometrics Bulletin 1(6), 1945: the differences a - b that are not 0 are ranked by
/// size, and W is the smaller of the sums of ranks of the positive and of the negative ones. Ties have their mean rank.
struct WilcoxonTest {
  int pairs = 0;         ///< differences that are not 0
  double statistic = 0;  ///< W
  double p = 1;          ///< two-sided p-value; 1 if there is no difference
  bool is_exact = true;  ///< false: p comes from the normal approximation
};
/// As scipy.stats.wilcoxon does it by default: p is exact for up to 50 pairs without ties and zeros and for up to 13
/// pairs with them, and otherwise comes from the normal approximation without a correction for continuity. Throws Error
/// unless both sides have the same number of values, at least one.
WilcoxonTest wilcoxon_test(std::span<const double> a, std::span<const double> b);

/// The smallest p-value that wilcoxon_test() can have with n pairs without ties: 2 / 2^n.
double smallest_wilcoxon_p(int pairs);

/// P-values corrected for the number of tests by Holm, "A simple sequentially rejective multiple test procedure",
/// Scandinavian Journal of Statistics 6(2), 1979: with p sorted upwards, the i-th of m becomes
/// max over j <= i of min(1, (m - j + 1) p_j). In the order of `p`; values that are NaN stay NaN and do not count.
std::vector<double> holm_corrected(std::span<const double> p);

}  // namespace mneme
