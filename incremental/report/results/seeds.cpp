#include "incremental/report/results/seeds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <numeric>
#include <regex>

#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "incremental/report/charts/markup.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::pair<const char*, const char*> judged_by[] = {
    {"average_incremental_accuracy_task_agnostic", "average incremental accuracy, task-agnostic"},
    {"final_accuracy_task_agnostic", "final accuracy, task-agnostic"},
    {"final_mean_forgetting_task_agnostic", "forgetting, task-agnostic"},
    {"average_incremental_accuracy_task_aware", "average incremental accuracy, task-aware"},
    {"final_accuracy_task_aware", "final accuracy, task-aware"},
    {"final_mean_forgetting_task_aware", "forgetting, task-aware"}};

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

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values) {
  if (values.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const double mean = mean_of(values);
  double squares = 0;
  for (double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double student_two_sided(double t, int freedom) {
  const double angle = std::atan(std::abs(t) / std::sqrt(freedom)), cosine = std::cos(angle), sine = std::sin(angle);
  const bool odd = freedom % 2 != 0;
  double term = odd ? cosine : 1, sum = 0;
  for (int k = odd ? 3 : 2; k <= freedom; k += 2) {
    sum += term;
    term *= cosine * cosine * (k - 1) / k;
  }
  const double inside = odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
  return std::max(0.0, 1 - inside);
}

PairedTest paired_test(std::span<const double> a, std::span<const double> b) {
  MNEME_CHECK(a.size() == b.size() && a.size() >= 2,
              "a paired test needs at least two seeds that both sides have, got {} and {} values", a.size(), b.size());
  std::vector<double> d(a.size());
  for (size_t i = 0; i < d.size(); ++i) d[i] = a[i] - b[i];
  PairedTest test{static_cast<int>(d.size()), mean_of(d)};
  const double error = deviation_of(d) / std::sqrt(static_cast<double>(d.size()));
  test.t = test.difference == 0 ? 0 : test.difference / error;
  test.p = student_two_sided(test.t, test.pairs - 1);
  return test;
}

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
  for (const auto& [key, label] : judged_by) {
    const std::vector<double> values = values_of(runs, key);
    SeedRow row{key, label, mean_of(values), deviation_of(values), {}, {}, {}};
    if (!against.empty()) {
      const std::vector<double> theirs = values_of(against, key);
      row.against_mean = mean_of(theirs);
      row.against_deviation = deviation_of(theirs);
      const auto [a, b] = pairs_of(runs, against, key);
      row.test = paired_test(a, b);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string as_text(const std::vector<SeedRow>& rows) {
  std::string out;
  for (const SeedRow& row : rows) {
    fmt::format_to(std::back_inserter(out), "{:<45}{:>14} %", row.label, percent_of(row.mean, row.deviation));
    if (row.test)
      fmt::format_to(std::back_inserter(out), "   against {:>16} %: {:+.2f} points, t({}) = {:.2f}, p = {:.3f}",
                     percent_of(*row.against_mean, *row.against_deviation), 100 * row.test->difference,
                     row.test->pairs - 1, row.test->t, row.test->p);
    out += '\n';
  }
  return out;
}

json as_json(const std::vector<SeedRow>& rows, const SeedRuns& runs) {
  json out = {{"seeds", json::array()}};
  for (const auto& [seed, summary] : runs) out["seeds"].push_back(seed);
  for (const SeedRow& row : rows) {
    json& entry =
        out[row.key] = {{"mean", row.mean}, {"deviation", row.deviation}, {"values", values_of(runs, row.key)}};
    if (row.test)
      entry["against"] = {{"mean", *row.against_mean}, {"deviation", *row.against_deviation},
                          {"pairs", row.test->pairs},  {"difference", row.test->difference},
                          {"t", row.test->t},          {"p", row.test->p}};
  }
  return out;
}

}  // namespace mneme
