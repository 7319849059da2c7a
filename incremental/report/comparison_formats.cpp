#include "incremental/report/comparison_formats.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "incremental/report/charts/markup.h"

namespace mneme {
namespace {

constexpr std::size_t between_columns = 2, between_kinds = 4;

std::string value_text(double mean, double deviation, int decimals) {
  return percent(mean, decimals) + (std::isfinite(deviation) ? " ± " + percent(deviation, decimals) : "");
}

/// "3 seeds", or "2 to 3 seeds" where the groups differ; empty if no group has more than one.
std::string seeds_text(const ComparisonTable& table) {
  std::size_t least = std::numeric_limits<std::size_t>::max(), most = 0;
  for (const ComparisonBlock& block : table.blocks)
    for (const ComparisonRow& row : block.rows) {
      least = std::min(least, row.group->runs.size());
      most = std::max(most, row.group->runs.size());
    }
  if (most < 2) return {};
  return least == most ? fmt::format("{} seeds", most) : fmt::format("{} to {} seeds", least, most);
}

/// The number of columns on a screen that UTF-8 text takes, one per code point.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
  const std::string spaces(width > width_of(text) ? width - width_of(text) : 0, ' ');
  return to_the_right ? spaces + text : text + spaces;
}

/// A line of a text table: the label, then the cells, with a wider gap where another kind of prediction begins.
class TextLines {
 public:
  explicit TextLines(const PrintedTable& table) : table_(table), widths_(table.heads.size()) {
    for (std::size_t c = 0; c < widths_.size(); ++c) widths_[c] = width_of(table.heads[c]);
    for (const auto& [setting, rows] : table.blocks)
      for (const PrintedRow& row : rows) {
        label_ = std::max(label_, width_of(row.label));
        for (std::size_t c = 0; c < widths_.size(); ++c) widths_[c] = std::max(widths_[c], width_of(row.cells[c].text));
      }
  }

  std::string line(const std::string& label, const std::vector<std::string>& cells) const {
    std::string out = padded(label, label_, false);
    for (std::size_t c = 0; c < cells.size(); ++c)
      out += padded(cells[c], widths_[c] + (begins_kind(c) ? between_kinds : between_columns), true);
    return out + '\n';
  }

  /// "task-agnostic" and "task-aware", above the first of their columns.
  std::string kinds() const {
    std::string out(label_, ' ');
    for (std::size_t c = 0; c < widths_.size(); ++c) {
      if (!begins_kind(c)) continue;
      std::size_t before = label_ + between_kinds;
      for (std::size_t i = 0; i < c; ++i) before += widths_[i] + (begins_kind(i + 1) ? between_kinds : between_columns);
      out = padded(out, before, false) + table_.over[c] + " (%)";
    }
    return out + '\n';
  }

 private:
  bool begins_kind(std::size_t c) const {
    return c == 0 || (c < table_.over.size() && table_.over[c] != table_.over[c - 1]);
  }

  const PrintedTable& table_;
  std::size_t label_ = width_of("method");
  std::vector<std::size_t> widths_;
};

std::string joined_cells(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string markdown_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '_' || c == '`' || c == '<' || c == '\\' || c == '[') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

PrintedTable printed_table(const ComparisonTable& table, int decimals) {
  PrintedTable printed;
  for (std::size_t m = 0; m < table.measures.size(); ++m) {
    const Measure& measure = table.measures[m];
    printed.heads.push_back(measure.short_label);
    if (table.has_published(m)) printed.heads.push_back("published");
    printed.over.resize(printed.heads.size(), measure.is_aware ? "task-aware" : "task-agnostic");
  }
  for (const ComparisonBlock& block : table.blocks) {
    auto& rows = printed.blocks.emplace_back(block.setting, std::vector<PrintedRow>()).second;
    for (const ComparisonRow& row : block.rows) {
      PrintedRow& out = rows.emplace_back(PrintedRow{row.label, {}});
      for (std::size_t m = 0; m < table.measures.size(); ++m) {
        const ComparisonCell& cell = row.cells[m];
        out.cells.push_back({value_text(cell.spread.mean, cell.spread.deviation, decimals), cell.is_best});
        if (table.has_published(m))
          out.cells.push_back({cell.published ? value_text(cell.published->value,
                                                           cell.published->deviation.value_or(std::nan("")), decimals)
                                              : ""});
      }
    }
  }
  if (const std::string seeds = seeds_text(table); !seeds.empty())
    printed.seeds_note = "mean ± sample standard deviation (n - 1) over " + seeds;
  return printed;
}

std::string as_text(const PrintedTable& table) {
  const TextLines lines(table);
  std::string out = lines.kinds() + lines.line("method", table.heads);
  for (const auto& [setting, rows] : table.blocks) {
    if (!setting.empty()) out += setting + ":\n";
    for (const PrintedRow& row : rows) {
      std::vector<std::string> cells;
      for (const PrintedCell& cell : row.cells) cells.push_back(cell.text);
      out += lines.line(row.label, cells);
    }
  }
  if (!table.seeds_note.empty()) out += table.seeds_note + '\n';
  return out;
}

std::string as_markdown(const PrintedTable& table) {
  std::vector<std::string> heads = {"method"}, rules = {"---"};
  for (std::size_t c = 0; c < table.heads.size(); ++c) {
    heads.push_back(fmt::format("{}, {} (%)", table.heads[c], table.over[c]));
    rules.push_back("---:");
  }
  std::string out = joined_cells(heads) + joined_cells(rules);
  for (const auto& [setting, rows] : table.blocks) {
    if (!setting.empty()) {
      std::vector<std::string> cells(heads.size());
      cells[0] = fmt::format("*{}*", markdown_escaped(setting));
      out += joined_cells(cells);
    }
    for (const PrintedRow& row : rows) {
      std::vector<std::string> cells = {markdown_escaped(row.label)};
      for (const PrintedCell& cell : row.cells)
        cells.push_back(cell.is_best ? fmt::format("**{}**", cell.text) : cell.text);
      out += joined_cells(cells);
    }
  }
  return out + (table.seeds_note.empty() ? "" : fmt::format("\n{}; best in bold.\n", table.seeds_note));
}

std::string p_text(double p) { return p < .001 ? "< 0.001" : fmt::format("{:.3f}", p); }

std::string statistic_text(double t) { return std::isinf(t) ? (t < 0 ? "−∞" : "∞") : percent(t / 100, 2); }

std::string points_text(double difference) {
  const std::string points = percent(difference, 2);
  return difference > 0 && points != "0.00" ? "+" + points : points;
}

std::string as_text(std::span<const MeasureDifferences> differences, double confidence) {
  std::string out;
  for (const MeasureDifferences& of_measure : differences) {
    const std::size_t tests = of_measure.pairs.size();
    out +=
        fmt::format("{}{}{}:\n", of_measure.measure.label, of_measure.setting.empty() ? "" : ", ", of_measure.setting);
    for (const PairedDifference& pair : of_measure.pairs) {
      out +=
          fmt::format("  {} minus {}: {} points, {:g} % interval {} to {}, t({}) = {}, p = {}{}; Wilcoxon p = {}{}\n",
                      pair.a, pair.b, points_text(pair.t.difference), 100 * confidence, points_text(pair.t.low),
                      points_text(pair.t.high), pair.seeds - 1, statistic_text(pair.t.t), p_text(pair.t.p),
                      tests > 1 ? fmt::format(" (Holm {})", p_text(pair.t_holm)) : "", p_text(pair.wilcoxon.p),
                      tests > 1 ? fmt::format(" (Holm {})", p_text(pair.wilcoxon_holm)) : "");
    }
  }
  return out;
}

std::string tests_note(std::span<const MeasureDifferences> differences, double confidence) {
  std::set<int> seeds;
  std::size_t most_pairs = 0;
  for (const MeasureDifferences& each : differences) {
    most_pairs = std::max(most_pairs, each.pairs.size());
    for (const PairedDifference& pair : each.pairs) seeds.insert(pair.seeds);
  }
  if (seeds.empty()) return {};
  const int fewest = *seeds.begin();
  std::string note = fmt::format(
      "Runs are paired by their seeds. The interval contains the mean difference with {:g} % confidence, and the "
      "paired t-test is two-sided; both take the differences for normally distributed, which {} seeds cannot show. "
      "Wilcoxon’s signed-rank test does without this; with {} seeds its p cannot be smaller than {:.3g}.",
      100 * confidence, fewest, fewest, smallest_wilcoxon_p(fewest));
  if (most_pairs > 1)
    note += " Holm’s correction is for all pairs of one measure in one setting, not for the number of measures.";
  return note;
}

}  // namespace mneme
