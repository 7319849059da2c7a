#include "incremental/report/results/seeds.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <regex>

#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "incremental/report/results/run_state.h"
#include "incremental/report/statistics/sample.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* judged_by[] = {
    "average_incremental_accuracy_task_agnostic", "final_accuracy_task_agnostic", "final_mean_forgetting_task_agnostic",
    "average_incremental_accuracy_task_aware",    "final_accuracy_task_aware",    "final_mean_forgetting_task_aware"};

double value_of(const json& summary, const std::string& key) {
  const json value = summary.value(key, json());
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> values_of(const SeedRuns& runs, const std::string& key) {
  std::vector<double> values;
  for (const auto& [seed, summary] : runs) values.push_back(value_of(summary, key));
  return values;
}

void check_same(const SeedRuns& runs, const json& first) {
  for (const auto& [seed, summary] : runs)
    for (const char* key : {"protocol", "data_id", "tasks_done"}) {
      const std::string theirs = summary.value(key, json()).dump(), ours = first.value(key, json()).dump();
      MNEME_CHECK(theirs == ours,
                  "{} of seed {} is {}, of the first run {}: such numbers do not compare; pass --mixed to compare them "
                  "all the same",
                  key, seed, theirs, ours);
    }
}

/// The values of both sides for the seeds that both have.
std::pair<std::vector<double>, std::vector<double>> pairs_of(const SeedRuns& a, const SeedRuns& b,
                                                             const std::string& key) {
  std::pair<std::vector<double>, std::vector<double>> pairs;
  for (const auto& [seed, summary] : a)
    if (b.contains(seed)) {
      pairs.first.push_back(value_of(summary, key));
      pairs.second.push_back(value_of(b.at(seed), key));
    }
  return pairs;
}

}  // namespace

std::map<uint64_t, fs::path> seed_folders(const fs::path& folder) {
  static const std::regex name(R"(seed(\d{1,19}))");
  std::map<uint64_t, fs::path> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    std::smatch match;
    const std::string file = entry.path().filename().string();
    if (std::regex_match(file, match, name)) found[std::stoull(match[1])] = entry.path();
  }
  return found;
}

SeedRuns read_seed_runs(const fs::path& folder) {
  SeedRuns runs;
  for (const auto& [seed, path] : seed_folders(folder)) {
    runs[seed] = json::parse(read_file(path / "summary.json"), nullptr, false);
    MNEME_CHECK(runs[seed].is_object(), "{} is not a run's summary", (path / "summary.json").string());
    const json& done = runs[seed].value("tasks_done", json());
    const std::string unfinished = why_unfinished(path, done.is_number_integer() ? done.get<int>() : 0);
    MNEME_CHECK(unfinished.empty(), "{}: this run is unfinished, as {}", path.string(), unfinished);
  }
  MNEME_CHECK(!runs.empty(), "{} holds no folders seed1, seed2, ...: give a folder that --seeds filled",
              folder.string());
  return runs;
}

void check_comparable(const SeedRuns& runs, const SeedRuns& against, bool mixed) {
  const auto shared = std::ranges::count_if(runs, [&](const auto& run) { return against.contains(run.first); });
  MNEME_CHECK(against.empty() || shared >= 2,
              "the runs to compare with share {} of the seeds; a paired test needs at least two", shared);
  if (mixed) return;
  check_same(runs, runs.begin()->second);
  check_same(against, runs.begin()->second);
}

std::vector<SeedRow> seed_rows(const SeedRuns& runs, const SeedRuns& against, bool mixed) {
  check_comparable(runs, against, mixed);
  std::vector<SeedRow> rows;
  for (const char* key : judged_by) {
    const std::vector<double> values = values_of(runs, key);
    SeedRow row{key, mean_of(values), deviation_of(values), {}, {}, {}};
    if (!against.empty()) {
      const std::vector<double> theirs = values_of(against, key);
      row.against_mean = mean_of(theirs);
      row.against_deviation = deviation_of(theirs);
      const auto [a, b] = pairs_of(runs, against, key);
      row.test = paired_test(a, b);
      row.wilcoxon = wilcoxon_test(a, b);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

json as_json(const std::vector<SeedRow>& rows, const SeedRuns& runs) {
  json out = {{"seeds", json::array()}};
  for (const auto& [seed, summary] : runs) out["seeds"].push_back(seed);
  for (const SeedRow& row : rows) {
    json& entry =
        out[row.key] = {{"mean", row.mean}, {"deviation", row.deviation}, {"values", values_of(runs, row.key)}};
    if (row.test)
      entry["against"] = {{"mean", *row.against_mean},
                          {"deviation", *row.against_deviation},
                          {"pairs", row.test->pairs},
                          {"difference", row.test->difference},
                          {"t", row.test->t},
                          {"p", row.test->p},
                          {"interval_95", {row.test->low, row.test->high}},
                          {"wilcoxon", row.wilcoxon.statistic},
                          {"wilcoxon_p", row.wilcoxon.p}};
  }
  return out;
}

}  // namespace mneme
