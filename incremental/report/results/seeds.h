#pragma once
// Several seeds of one run: means, deviations, and whether two sets of runs differ by more than chance.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mneme {

double mean_of(std::span<const double> values);
/// Sample standard deviation, n - 1 in the denominator; NaN for fewer than two values.
double deviation_of(std::span<const double> values);

/// P(|T| >= |t|) for Student's T with `freedom` degrees of freedom, by the finite series of Abramowitz and Stegun,
/// "Handbook of Mathematical Functions", 26.7.3 and 26.7.4.
double student_two_sided(double t, int freedom);

/// Student's test of pairs a[i], b[i]: T = mean(d) / (s(d) / sqrt n), d = a - b, n - 1 degrees of freedom. It supposes
/// that differences are normally distributed, which a handful of seeds can neither show nor refute.
struct PairedTest {
  int pairs = 0;
  double difference = 0;  ///< mean of a - b
  double t = 0;           ///< infinite where all differences are equal and not 0
  double p = 1;           ///< two-sided
};
/// Throws Error unless both have the same number of values, at least two.
PairedTest paired_test(std::span<const double> a, std::span<const double> b);

/// The folders seedN inside `folder`, as --seeds makes them, by N. There may be none.
std::map<uint64_t, std::filesystem::path> seed_folders(const std::filesystem::path& folder);

/// The summaries of runs that differ in nothing but their seed, by seed.
using SeedRuns = std::map<uint64_t, nlohmann::json>;
/// Reads seedN/summary.json for every seed N in `folder`. Throws Error if there are none, or if one is unfinished.
SeedRuns read_seed_runs(const std::filesystem::path& folder);

/// One average over the seeds, and set against other runs of the same seeds.
struct SeedRow {
  std::string key, label;  ///< of the average, as in summary.json
  double mean = 0, deviation = 0;
  std::optional<double> against_mean, against_deviation;
  std::optional<PairedTest> test;
};

/// Throws Error if the two sides (`against` may be empty) have fewer than two seeds in common, or, unless `mixed`, if
/// any run differs from the first in "protocol", "data_id" or "tasks_done". Runs still to come need these three entries
/// only.
void check_comparable(const SeedRuns& runs, const SeedRuns& against, bool mixed);

/// The averages results are judged by, of runs that check_comparable() passes.
std::vector<SeedRow> seed_rows(const SeedRuns& runs, const SeedRuns& against, bool mixed);

/// For people: a line per row, in percent.
std::string as_text(const std::vector<SeedRow>& rows);
/// seeds.json: fractions of 1.
nlohmann::json as_json(const std::vector<SeedRow>& rows, const SeedRuns& runs);

}  // namespace mneme
