#include "incremental/report/comparison_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/page.h"
#include "incremental/report/comparison_formats.h"
#include "incremental/report/tables.h"

namespace mneme {
namespace {

constexpr std::size_t most_open_rows = 40;  // of the differences; more are folded, measure by measure

std::string numeric(const std::string& text) { return "<td class=n>" + text + "</td>"; }

std::string seeds_of(const RunGroup& group) {
  std::string seeds;
  for (const NamedRun& each : group.runs) seeds += fmt::format("{}{}", seeds.empty() ? "" : ", ", each.run.seed);
  return seeds;
}

/// How many columns of the table a kind of prediction has, published values included.
std::size_t columns_of_kind(const ComparisonTable& table, bool is_aware) {
  std::size_t columns = 0;
  for (std::size_t m = 0; m < table.measures.size(); ++m)
    if (table.measures[m].is_aware == is_aware) columns += table.has_published(m) ? 2 : 1;
  return columns;
}

std::string heading_of(const ComparisonTable& table) {
  std::string kinds, heads;
  for (const bool is_aware : {false, true})
    if (const std::size_t columns = columns_of_kind(table, is_aware); columns > 0)
      kinds += fmt::format("<th class=over colspan={}>task-{}</th>", columns, is_aware ? "aware" : "agnostic");
  for (std::size_t m = 0; m < table.measures.size(); ++m) {
    heads += fmt::format("<th class=n>{}</th>", escaped(table.measures[m].short_label));
    if (table.has_published(m)) heads += "<th class=n>published</th>";
  }
  return fmt::format(
      "<tr><th></th><th></th>{}<th></th></tr><tr><th>run</th><th class=n>seeds</th>{}<th class=n>tasks done</th></tr>",
      kinds, heads);
}

std::string result_row(const ComparisonTable& table, const ComparisonRow& row) {
  const RunResult& run = row.group->first();
  std::string out = fmt::format("<tr><td>{}</td>{}", escaped(row.label), numeric(seeds_of(*row.group)));
  for (std::size_t m = 0; m < table.measures.size(); ++m) {
    const ComparisonCell& cell = row.cells[m];
    const std::string value = percent_of(cell.spread.mean, cell.spread.deviation);
    out += numeric(cell.is_best ? "<b>" + value + "</b>" : value);
    if (!table.has_published(m)) continue;
    out += numeric(cell.published ? percent_of(cell.published->value, cell.published->deviation.value_or(std::nan("")))
                                  : "");
  }
  return out + numeric(fmt::format("{} of {}", run.tasks_done(), run.tasks_planned())) + "</tr>";
}

std::string known(const std::string& id) { return id.empty() ? "unknown" : id; }

std::string setting_row(const ComparisonTable& table, const ComparisonBlock& block) {
  const RunResult& run = block.rows[0].group->first();
  const std::size_t columns = 3 + columns_of_kind(table, false) + columns_of_kind(table, true);
  return fmt::format("<tr class=setting><th colspan={}>{} <span class=soft>(protocol {}, data {})</span></th></tr>",
                     columns, escaped(block.setting), escaped(known(run.protocol)), escaped(known(run.data_id)));
}

std::string published_row(const RunGroup& group, const Measure& measure, const ComparisonCell& cell) {
  const PublishedNumber& theirs = *cell.published;
  return fmt::format("<tr><td>{}</td><td>{}</td>{}{}{}<td class=soft>{}</td></tr>", escaped(group.label),
                     escaped(measure.label), numeric(percent_of(theirs.value, theirs.deviation.value_or(std::nan("")))),
                     numeric(percent_of(cell.spread.mean, cell.spread.deviation)),
                     numeric(difference_text(group.first(), cell.spread.mean, theirs)), source_text(theirs));
}

std::string difference_row(const PairedDifference& pair, const std::string& about, bool has_holm) {
  std::string out = fmt::format("<tr>{}<td>{} − {}</td>", about, escaped(pair.a), escaped(pair.b));
  out += numeric(points_text(pair.t.difference)) +
         numeric(fmt::format("{} to {}", points_text(pair.t.low), points_text(pair.t.high))) +
         numeric(statistic_text(pair.t.t)) + numeric(escaped(p_text(pair.t.p)));
  if (has_holm) out += numeric(escaped(p_text(pair.t_holm)));
  out += numeric(escaped(p_text(pair.wilcoxon.p)));
  if (has_holm) out += numeric(escaped(p_text(pair.wilcoxon_holm)));
  return out + numeric(fmt::format("{}", pair.seeds)) + "</tr>";
}

std::string difference_table(const std::string& rows, bool has_measure, bool has_holm, double confidence) {
  const std::string holm = has_holm ? "<th class=n>Holm</th>" : "";
  return fmt::format(
      "<div class=scroll><table class=dense><tr>{}<th>runs</th><th class=n>difference (points)</th>"
      "<th class=n>{:g} % interval</th><th class=n>t</th><th class=n>p (t-test)</th>{}<th class=n>p (Wilcoxon)</th>{}"
      "<th class=n>seeds</th></tr>{}</table></div>",
      has_measure ? "<th>measure</th>" : "", 100 * confidence, holm, holm, rows);
}

std::string title_of(const MeasureDifferences& each) {
  return escaped(each.measure.label + (each.setting.empty() ? "" : "; " + each.setting));
}

/// One table for all measures, where each has a single pair.
std::string single_pairs(std::span<const MeasureDifferences> differences, double confidence) {
  std::string rows;
  for (const MeasureDifferences& each : differences)
    rows += difference_row(each.pairs[0], "<td>" + title_of(each) + "</td>", false);
  return difference_table(rows, true, false, confidence);
}

/// A table per measure; folded behind the first if there are many rows.
std::string many_pairs(std::span<const MeasureDifferences> differences, double confidence) {
  std::size_t count = 0;
  for (const MeasureDifferences& each : differences) count += each.pairs.size();
  std::string out;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    std::string rows;
    for (const PairedDifference& pair : differences[i].pairs) rows += difference_row(pair, "", true);
    out += fmt::format("<details{}><summary>{}</summary>{}</details>", i == 0 || count <= most_open_rows ? " open" : "",
                       title_of(differences[i]), difference_table(rows, false, true, confidence));
  }
  return out;
}

}  // namespace

std::string results_table(const ComparisonTable& table) {
  std::string out = "<div class=scroll><table class=dense>" + heading_of(table);
  for (const ComparisonBlock& block : table.blocks) {
    if (table.blocks.size() > 1) out += setting_row(table, block);
    for (const ComparisonRow& row : block.rows) out += result_row(table, row);
  }
  return out + "</table></div>";
}

std::string published_section(const ComparisonTable& table) {
  std::string rows;
  for (const ComparisonBlock& block : table.blocks)
    for (const ComparisonRow& row : block.rows)
      for (std::size_t m = 0; m < table.measures.size(); ++m)
        if (row.cells[m].published) rows += published_row(*row.group, table.measures[m], row.cells[m]);
  if (rows.empty()) return {};
  return section("Beside the published numbers", "Theirs, ours, and the difference in points.",
                 "<div class=scroll><table><tr><th>run</th><th>number</th><th class=n>published (%)</th>"
                 "<th class=n>ours (%)</th><th class=n>difference (points)</th><th>source</th></tr>" +
                     rows + "</table></div>");
}

std::string differences_section(std::span<const MeasureDifferences> differences, double confidence) {
  if (differences.empty()) return {};
  const bool has_single_pairs =
      std::ranges::all_of(differences, [](const MeasureDifferences& each) { return each.pairs.size() == 1; });
  return section("Differences", escaped(tests_note(differences, confidence)),
                 has_single_pairs ? single_pairs(differences, confidence) : many_pairs(differences, confidence));
}

}  // namespace mneme
