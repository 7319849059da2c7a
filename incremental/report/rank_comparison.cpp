#include "incremental/report/rank_comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "engine/base/counted.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr std::size_t least_methods = 3, least_settings = 2;

bool is_enough(const MethodsBySetting& methods) {
  return methods.methods.size() >= least_methods && methods.settings.size() >= least_settings;
}

std::vector<std::vector<double>> scores_of(const MethodsBySetting& methods, const Measure& measure) {
  std::vector<std::vector<double>> scores;
  for (const std::vector<const RunGroup*>& setting : methods.groups) {
    std::vector<double>& row = scores.emplace_back();
    for (const RunGroup* group : setting) {
      const double value = spread_of(*group, measure.key).mean;
      MNEME_CHECK(std::isfinite(value), "{} of {} is not known, so it cannot be ranked", measure.label, group->label);
      row.push_back(measure.higher_is_better ? value : -value);
    }
  }
  return scores;
}

std::string note_of(const RankComparison& ranks, double alpha) {
  std::string note = fmt::format(
      "{} methods in {} settings, rank 1 is the best. Friedman’s test: χ² = {:.2f}, p = {:.3g}{}. CD is Nemenyi’s "
      "critical difference at level {:g}; a bar joins methods that it does not tell apart.",
      ranks.methods.size(), ranks.settings.size(), ranks.test.chi_square, ranks.test.p,
      ranks.test.p < alpha ? "" : ", which does not show that the methods differ at all", alpha);
  if (!ranks.left_out.empty())
    note += fmt::format(" Not run in every setting and left out: {}.", fmt::join(ranks.left_out, ", "));
  return note;
}

RankComparison compared(const MethodsBySetting& methods, const Measure& measure, double alpha) {
  RankComparison ranks{
      methods.methods, methods.settings, methods.left_out, friedman_test(scores_of(methods, measure)), {}};
  std::vector<std::size_t> order(methods.methods.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return ranks.test.mean_ranks[i]; });
  std::vector<double> sorted;
  for (const std::size_t i : order) {
    sorted.push_back(ranks.test.mean_ranks[i]);
    ranks.diagram.mean_ranks.push_back({methods.methods[i], sorted.back()});
  }
  ranks.diagram.critical_difference = nemenyi_critical_difference(static_cast<int>(methods.methods.size()),
                                                                  static_cast<int>(methods.settings.size()), alpha);
  ranks.diagram.alike = not_told_apart(sorted, ranks.diagram.critical_difference);
  ranks.diagram.title = "Mean ranks, " + measure.label;
  ranks.diagram.note = note_of(ranks, alpha);
  return ranks;
}

}  // namespace

RankComparison rank_comparison(std::span<const RunGroup> groups, const Measure& measure, double alpha) {
  const MethodsBySetting methods = methods_by_setting(groups);
  MNEME_CHECK(is_enough(methods),
              "ranks need at least {} methods that were all run in at least {} settings (protocol and data); found {} "
              "in {}{}",
              least_methods, least_settings, counted(methods.methods.size(), "method"),
              counted(methods.settings.size(), "setting"),
              methods.left_out.empty() ? "" : fmt::format("; missing in some: {}", fmt::join(methods.left_out, ", ")));
  return compared(methods, measure, alpha);
}

std::optional<RankComparison> rank_comparison_if_any(std::span<const RunGroup> groups, const Measure& measure) {
  const MethodsBySetting methods = methods_by_setting(groups);
  if (!is_enough(methods)) return std::nullopt;
  return compared(methods, measure, 0.05);
}

}  // namespace mneme
