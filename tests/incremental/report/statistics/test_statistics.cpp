// The tests of incremental/report/statistics, against SciPy's numbers (tests/golden/make_statistics.py) and closed
// forms.

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "engine/base/error.h"
#include "incremental/report/statistics/paired_tests.h"
#include "incremental/report/statistics/rank_tests.h"
#include "incremental/report/statistics/sample.h"
#include "tests/support/golden.h"

namespace mneme::test {
namespace {

using doctest::Approx;
using Values = std::vector<double>;

constexpr double as_scipy = 1e-12;

/// Equal to 1e-12 of the larger one, or to 1e-12 where both are smaller than 1.
void check_close(double ours, double theirs) {
  CHECK_MESSAGE(std::abs(ours - theirs) <= as_scipy * std::max(1.0, std::abs(theirs)), ours << " and " << theirs);
}

/// As check_close(), for p-values: small ones must agree in as many digits as large ones.
void check_close_p(double ours, double theirs) {
  CHECK_MESSAGE(std::abs(ours - theirs) <= as_scipy * theirs + 1e-300, ours << " and " << theirs);
}

const nlohmann::json& golden() { return golden_file("statistics.json"); }

TEST_CASE("mean and sample deviation of 2, 4, 4, 4, 5, 5, 7, 9") {
  const Values values = {2, 4, 4, 4, 5, 5, 7, 9};
  CHECK(mean_of(values) == 5);
  CHECK(deviation_of(values) == Approx(std::sqrt(32.0 / 7)));
  CHECK(std::isnan(deviation_of(Values{3})));
}

TEST_CASE("Student's distribution: closed forms for one and two degrees of freedom, and SciPy's numbers") {
  for (const double t : {0.0, 0.3, 1.0, 2.5, 40.0}) {
    check_close(student_two_sided(t, 1), 1 - 2 * std::atan(t) / std::numbers::pi);
    check_close(student_two_sided(t, 2), 1 - t / std::sqrt(2 + t * t));
    CHECK(student_two_sided(-t, 2) == student_two_sided(t, 2));
  }
  CHECK(student_two_sided(std::numeric_limits<double>::infinity(), 4) == 0);
  for (const auto& each : golden()["student"]) {
    CAPTURE(each.dump());
    check_close_p(student_two_sided(each["t"], each["freedom"].get<int>()), each["p"]);
  }
}

TEST_CASE("paired tests have SciPy's t, p, confidence intervals, and Wilcoxon's statistic and p") {
  for (const auto& each : golden()["pairs"]) {
    CAPTURE(each["name"].get<std::string>());
    const Values a = each["a"], b = each["b"];
    const PairedTest t = paired_test(a, b);
    check_close(t.t, each["t"]);
    check_close_p(t.p, each["p"]);
    for (const auto& [confidence, interval] : each["intervals"].items()) {
      const PairedTest with = paired_test(a, b, std::stod(confidence));
      check_close(with.low, interval[0]);
      check_close(with.high, interval[1]);
    }
    const WilcoxonTest w = wilcoxon_test(a, b);
    check_close(w.statistic, each["wilcoxon"]);
    check_close_p(w.p, each["wilcoxon_p"]);
    check_close_p(wilcoxon_test(b, a).p, each["wilcoxon_p"]);
  }
}

TEST_CASE("a paired test by hand: differences 1, 2, 3") {
  const Values a = {5, 7, 6}, b = {4, 5, 3};
  const PairedTest test = paired_test(a, b);
  CHECK(test.pairs == 3);
  CHECK(test.difference == 2);
  CHECK(test.t == Approx(2 * std::sqrt(3.0)));                      // 2 / (1 / sqrt 3)
  CHECK(test.p == Approx(1 - std::sqrt(12.0 / 14)));                // two degrees of freedom
  CHECK(test.high - 2 == Approx(4.302652729911 / std::sqrt(3.0)));  // the 97.5 % quantile of two degrees of freedom
  CHECK(paired_test(b, a).t == Approx(-test.t));
  CHECK(paired_test(a, a).p == Approx(1));
  CHECK(wilcoxon_test(a, b).p == .25);  // two of the eight assignments of signs
  CHECK(wilcoxon_test(a, a).p == 1);
  CHECK(wilcoxon_test(a, a).pairs == 0);
}

TEST_CASE("Wilcoxon's p is exact for few pairs, and cannot be smaller than two assignments of signs") {
  for (int n = 1; n <= 50; ++n) {
    Values a, zero(static_cast<std::size_t>(n), 0.0);
    for (int i = 1; i <= n; ++i) a.push_back(i);
    const WilcoxonTest test = wilcoxon_test(a, zero);
    CHECK(test.is_exact);
    CHECK(test.p == smallest_wilcoxon_p(n));
  }
  CHECK(smallest_wilcoxon_p(3) == .25);
  CHECK_FALSE(wilcoxon_test(Values(51, 1.0), Values(51, 0.0)).is_exact);
  CHECK(wilcoxon_test(Values{1, 1, 2}, Values(3, 0.0)).is_exact);
}

TEST_CASE("paired tests refuse what is not paired") {
  CHECK_THROWS_AS(paired_test(Values{1}, Values{2}), Error);
  CHECK_THROWS_AS(paired_test(Values{1, 2}, Values{2}), Error);
  CHECK_THROWS_AS(paired_test(Values{1, 2}, Values{2, 3}, 1.0), Error);
  CHECK_THROWS_AS(wilcoxon_test(Values{}, Values{}), Error);
}

TEST_CASE("Holm's correction: by hand, by its definition, and past values that are not known") {
  CHECK(holm_corrected(Values{.01, .04}) == Values{.02, .04});
  for (const auto& each : golden()["holm"]) {
    const Values p = each["p"], ours = holm_corrected(p), theirs = each["corrected"];
    for (std::size_t i = 0; i < p.size(); ++i) check_close_p(ours[i], theirs[i]);
  }
  const Values with_unknown = holm_corrected(Values{std::nan(""), .01, .3});
  CHECK(std::isnan(with_unknown[0]));
  CHECK(with_unknown[1] == .02);
  CHECK(with_unknown[2] == .3);
  CHECK(holm_corrected(Values{}).empty());
}

TEST_CASE("Friedman's test has SciPy's chi-square and p, and ranks 1 is the best") {
  for (const auto& each : golden()["friedman"]) {
    CAPTURE(each["name"].get<std::string>());
    const std::vector<Values> scores = each["scores"];
    const FriedmanTest test = friedman_test(scores);
    check_close(test.chi_square, each["chi_square"]);
    check_close_p(test.p, each["p"]);
    for (std::size_t m = 0; m < test.mean_ranks.size(); ++m) check_close(test.mean_ranks[m], each["mean_ranks"][m]);
  }
  CHECK(friedman_test(std::vector<Values>{{.9, .5, .7}, {.8, .1, .3}}).mean_ranks == Values{1, 3, 2});
  CHECK(friedman_test(std::vector<Values>(3, Values(3, .5))).p == 1);
  CHECK_THROWS_AS(friedman_test(std::vector<Values>{{1, 2, 3}}), Error);
  CHECK_THROWS_AS(friedman_test(std::vector<Values>{{1, 2}, {1, 2}}), Error);
  CHECK_THROWS_AS(friedman_test(std::vector<Values>{{1, 2, 3}, {1, 2}}), Error);
}

TEST_CASE("Nemenyi's critical difference: integrated with 40 digits, and Demšar's table") {
  for (const auto& each : golden()["critical_differences"]) {
    CAPTURE(each.dump());
    check_close_p(nemenyi_critical_difference(each["methods"], each["settings"], each["alpha"]),
                  each["critical_difference"]);
  }
  CHECK(nemenyi_critical_difference(4, 14) == Approx(2.569 * std::sqrt(4 * 5 / (6.0 * 14))).epsilon(2e-4));
  CHECK_THROWS_AS(nemenyi_critical_difference(1, 4), Error);
  CHECK_THROWS_AS(nemenyi_critical_difference(3, 0), Error);
}

TEST_CASE("methods that a critical difference does not tell apart are stretches, none within another") {
  using Stretches = std::vector<std::pair<std::size_t, std::size_t>>;
  CHECK(not_told_apart(Values{1, 1.5, 2.4, 4}, 1) == Stretches{{0, 1}, {1, 2}});
  CHECK(not_told_apart(Values{1, 1.2, 1.4, 4}, 1) == Stretches{{0, 2}});
  CHECK(not_told_apart(Values{1, 2, 3}, 1).empty());
  CHECK(average_ranks(Values{3, 1, 3, 2}) == Values{3.5, 1, 3.5, 2});
}

}  // namespace
}  // namespace mneme::test
