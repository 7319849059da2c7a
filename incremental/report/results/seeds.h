#pragma once
// Several seeds of one run: means, deviations, and tests whether two sets of runs differ.

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "incremental/report/statistics/paired_tests.h"

namespace mneme {

/// The folders seedN in `folder`, which --seeds creates, by N. There may be none.
std::map<uint64_t, std::filesystem::path> seed_folders(const std::filesystem::path& folder);

/// The summaries of runs that differ only in their seed, by seed.
using SeedRuns = std::map<uint64_t, nlohmann::json>;
/// Reads seedN/summary.json for every seed N in `folder`. Throws Error if there are none or if one of the runs is
/// unfinished.
SeedRuns read_seed_runs(const std::filesystem::path& folder);

/// One average over the seeds, and its comparison with other runs of the same seeds.
struct SeedRow {
  std::string key;                     ///< name of the average in summary.json
  double mean = 0,                     ///< over the seeds
      deviation = 0;                   ///< sample standard deviation
  std::optional<double> against_mean,  ///< mean of the other runs
      against_deviation;               ///< their deviation
  std::optional<PairedTest> test;      ///< over the seeds that both sides have
  WilcoxonTest wilcoxon = {};          ///< likewise
};

/// Throws Error if the two sides (`against` may be empty) have fewer than two seeds in common, or if any run differs
/// from the first in "protocol", "data_id" or "tasks_done". `mixed` turns the second check off. For runs that are still
/// to come, these three entries are enough.
void check_comparable(const SeedRuns& runs, const SeedRuns& against, bool mixed);

/// The most important averages, for runs that check_comparable() accepts.
std::vector<SeedRow> seed_rows(const SeedRuns& runs, const SeedRuns& against, bool mixed);

/// The content of seeds.json, as fractions of 1.
nlohmann::json as_json(const std::vector<SeedRow>& rows, const SeedRuns& runs);

}  // namespace mneme
