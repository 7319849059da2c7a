#include "incremental/report/results/comparison_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/error.h"
#include "engine/base/suggest.h"
#include "incremental/report/results/key_numbers.h"

namespace mneme {
namespace {

constexpr std::string_view agnostic_suffix = "_task_agnostic", aware_suffix = "_task_aware";

/// The measures of every comparison, without suffix, and what a column calls them.
constexpr std::pair<std::string_view, const char*> usual[] = {
    {"average_incremental_accuracy", "average"}, {"final_accuracy", "final"}, {"final_mean_forgetting", "forgetting"}};

std::string short_label_of(const KeyNumber& number) {
  const auto* known = std::ranges::find(usual, number.key, &std::pair<std::string_view, const char*>::first);
  if (known != std::end(usual)) return known->second;
  std::string label = number.label;
  label[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(label[0])));
  return label;
}

double value_of(const NamedRun& each, const Measure& measure) {
  return find_number(key_numbers(each.run), measure.key).value;
}

/// The value as it is printed, in hundredths of a per cent, so that values which look alike count as alike.
double printed(double value) { return std::round(1e4 * value); }

void mark_best(ComparisonBlock& block, const std::vector<Measure>& measures) {
  if (block.rows.size() < 2) return;
  for (std::size_t m = 0; m < measures.size(); ++m) {
    const double sign = measures[m].higher_is_better ? 1 : -1;
    const auto score = [&](const ComparisonRow& row) { return sign * printed(row.cells[m].spread.mean); };
    double best = -std::numeric_limits<double>::infinity();
    for (const ComparisonRow& row : block.rows)
      if (std::isfinite(score(row))) best = std::max(best, score(row));
    for (ComparisonRow& row : block.rows) row.cells[m].is_best = score(row) == best;
  }
}

std::optional<PublishedNumber> published_of(const RunGroup& group, const Measure& measure) {
  const auto& all = group.first().published;
  const auto found = std::ranges::find(all, measure.key, &PublishedNumber::key);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

/// The difference of two averages of accuracies without what their sums have rounded, so that equal differences are
/// equal for tests by ranks. Accuracies are multiples of one test image, which is much more.
double without_rounding(double difference) { return std::round(difference * 1e12) / 1e12; }

/// The comparison by the seeds that both have; none if there are fewer than two or a value is not defined.
std::optional<PairedDifference> difference_of(const RunGroup& a, const RunGroup& b, const Measure& measure,
                                              double confidence) {
  std::vector<double> of_a, of_b;
  for (const NamedRun& run : a.runs) {
    const auto other =
        std::ranges::find_if(b.runs, [&](const NamedRun& each) { return each.run.seed == run.run.seed; });
    if (other == b.runs.end()) continue;
    of_a.push_back(value_of(run, measure));
    of_b.push_back(value_of(*other, measure));
    if (!std::isfinite(of_a.back()) || !std::isfinite(of_b.back())) return std::nullopt;
  }
  if (of_a.size() < 2) return std::nullopt;
  std::vector<double> differences(of_a.size());
  std::ranges::transform(of_a, of_b, differences.begin(), [](double x, double y) { return without_rounding(x - y); });
  const std::vector<double> zeros(differences.size(), 0.0);
  return PairedDifference{{},
                          {},
                          static_cast<int>(of_a.size()),
                          paired_test(differences, zeros, confidence),
                          wilcoxon_test(differences, zeros)};
}

void correct_by_holm(std::vector<PairedDifference>& pairs) {
  std::vector<double> t, wilcoxon;
  for (const PairedDifference& pair : pairs) t.push_back(pair.t.p), wilcoxon.push_back(pair.wilcoxon.p);
  t = holm_corrected(t);
  wilcoxon = holm_corrected(wilcoxon);
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i].t_holm = t[i], pairs[i].wilcoxon_holm = wilcoxon[i];
}

/// Positions within a setting: minuend and subtrahend.
using Pair = std::pair<std::size_t, std::size_t>;

/// The pairs of one setting.
std::vector<Pair> pairs_of(const Setting& setting, const std::string& reference) {
  std::vector<Pair> pairs;
  for (std::size_t j = 0; j < setting.groups.size(); ++j)
    for (std::size_t i = 0; i < setting.groups.size(); ++i)
      if (reference.empty() ? i < j : setting.names[i] == reference && i != j) pairs.push_back({j, i});
  return pairs;
}

void check_reference(const std::vector<Setting>& settings, const std::string& reference) {
  std::vector<std::string_view> labels;
  for (const Setting& setting : settings)
    for (const std::string& name : setting.names)
      if (std::ranges::find(labels, name) == labels.end()) labels.push_back(name);
  if (reference.empty() || std::ranges::find(labels, reference) != labels.end()) return;
  const std::string_view nearest = nearest_name(reference, labels);
  fail("no row is called '{}'{}; the rows are: {}", reference,
       nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest), fmt::join(labels, ", "));
}

}  // namespace

Measure measure_of(const RunResult& run, const std::string& key) {
  std::vector<std::string> keys;
  for (const KeyNumber& number : key_numbers(run))
    for (const std::string_view suffix : {agnostic_suffix, aware_suffix}) {
      if (suffix == aware_suffix && !number.has_aware) continue;
      const std::string name = number.key + std::string(suffix);
      if (name == key)
        return {key, number.label + (suffix == aware_suffix ? ", task-aware" : ", task-agnostic"),
                short_label_of(number), suffix == aware_suffix, number.key.find("forgetting") == std::string::npos};
      keys.push_back(name);
    }
  const std::string_view nearest = nearest_name(key, std::vector<std::string_view>(keys.begin(), keys.end()));
  fail("'{}' is no measure of summary.json{}; there are: {}", key,
       nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest), fmt::join(keys, ", "));
}

std::vector<Measure> usual_measures(std::span<const RunGroup> groups) {
  MNEME_CHECK(!groups.empty(), "there are no runs to compare");
  std::vector<Measure> measures;
  const auto add = [&](const RunResult& run, const std::string& key) {
    if (std::ranges::find(measures, key, &Measure::key) == measures.end()) measures.push_back(measure_of(run, key));
  };
  for (const std::string_view suffix : {agnostic_suffix, aware_suffix})
    for (const auto& [key, label] : usual) add(groups[0].first(), std::string(key) + std::string(suffix));
  for (const RunGroup& group : groups)
    for (const PublishedNumber& number : group.first().published) add(group.first(), number.key);
  std::ranges::stable_sort(measures, {}, &Measure::is_aware);
  return measures;
}

bool ComparisonTable::has_published(std::size_t m) const {
  return std::ranges::any_of(blocks, [&](const ComparisonBlock& block) {
    return std::ranges::any_of(block.rows,
                               [&](const ComparisonRow& row) { return row.cells[m].published.has_value(); });
  });
}

ComparisonTable comparison_table(std::span<const RunGroup> groups, std::vector<Measure> measures) {
  ComparisonTable table{std::move(measures), {}};
  for (const Setting& setting : settings_of(groups)) {
    ComparisonBlock& block = table.blocks.emplace_back(ComparisonBlock{setting.label, {}});
    for (std::size_t i = 0; i < setting.groups.size(); ++i) {
      const RunGroup& group = groups[setting.groups[i]];
      ComparisonRow& row = block.rows.emplace_back(ComparisonRow{&group, setting.names[i], {}});
      for (const Measure& measure : table.measures)
        row.cells.push_back({spread_of(group, measure.key), false, published_of(group, measure)});
    }
    mark_best(block, table.measures);
  }
  return table;
}

std::vector<MeasureDifferences> paired_differences(std::span<const RunGroup> groups, std::span<const Measure> measures,
                                                   const std::string& reference, double confidence) {
  const std::vector<Setting> settings = settings_of(groups);
  check_reference(settings, reference);
  std::vector<MeasureDifferences> all;
  for (const Setting& setting : settings)
    for (const Measure& measure : measures) {
      MeasureDifferences found{measure, setting.label, {}};
      for (const auto& [a, b] : pairs_of(setting, reference))
        if (auto difference =
                difference_of(groups[setting.groups[a]], groups[setting.groups[b]], measure, confidence)) {
          difference->a = setting.names[a];
          difference->b = setting.names[b];
          found.pairs.push_back(std::move(*difference));
        }
      correct_by_holm(found.pairs);
      if (!found.pairs.empty()) all.push_back(std::move(found));
    }
  return all;
}

}  // namespace mneme
