// The LaTeX table of a comparison.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "incremental/report/comparison_formats.h"

namespace mneme {
namespace {

/// Replaces what is not ASCII in a printed number: minus, dash and plus-minus.
std::string in_math(std::string text) {
  constexpr std::pair<std::string_view, const char*> replacements[] = {{"−", "-"}, {"±", "\\pm"}};
  for (const auto& [sign, latex] : replacements)
    for (std::size_t at; (at = text.find(sign)) != std::string::npos;) text.replace(at, sign.size(), latex);
  return text;
}

std::string cell_text(const PrintedCell& cell) {
  if (cell.text.empty()) return {};
  if (cell.text == "–") return "--";
  return fmt::format(fmt::runtime(cell.is_best ? "$\\mathbf{{{}}}$" : "${}$"), in_math(cell.text));
}

/// Columns of one kind of prediction: from first to before end.
struct Stretch {
  std::string over;
  std::size_t first, end;
};

std::vector<Stretch> stretches_of(const std::vector<std::string>& over) {
  std::vector<Stretch> stretches;
  for (std::size_t c = 0; c < over.size(); ++c) {
    if (stretches.empty() || stretches.back().over != over[c]) stretches.push_back({over[c], c, c});
    stretches.back().end = c + 1;
  }
  return stretches;
}

/// The two lines of headings, with a rule below each kind of prediction. Columns are counted from 1, and the first
/// contains the labels.
std::string heading_of(const PrintedTable& table) {
  std::string kinds, rules;
  for (const Stretch& each : stretches_of(table.over)) {
    kinds += fmt::format(" & \\multicolumn{{{}}}{{c}}{{{}}}", each.end - each.first, latex_escaped(each.over));
    rules += fmt::format("\\cmidrule(lr){{{}-{}}}", each.first + 2, each.end + 1);
  }
  std::string heads = "Method";
  for (const std::string& head : table.heads) heads += " & " + latex_escaped(head);
  return fmt::format("{} \\\\\n{}\n{} \\\\\n\\midrule\n", kinds, rules, heads);
}

/// True if the table would be wider than the text of a page: many columns with deviations.
bool is_wide(const PrintedTable& table) {
  constexpr std::size_t most_characters = 50;  // of a row, at the usual font and distance of columns
  for (const auto& [setting, rows] : table.blocks)
    for (const PrintedRow& row : rows) {
      std::size_t characters = row.label.size();
      for (const PrintedCell& cell : row.cells) characters += cell.text.size();
      if (characters > most_characters) return true;
    }
  return false;
}

std::string usual_caption(const PrintedTable& table) {
  std::string note = latex_escaped(table.seeds_note);
  if (const std::size_t at = note.find("(n - 1)"); at != std::string::npos) note.replace(at, 7, "($n - 1$)");
  return fmt::format("In per cent{}{}; best in bold.", note.empty() ? "" : ", ", note);
}

}  // namespace

std::string latex_escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (text.substr(i).starts_with("±")) {
      out += "$\\pm$";
      ++i;
      continue;
    }
    switch (c) {
      case '\\': out += "\\textbackslash{}"; break;
      case '~': out += "\\textasciitilde{}"; break;
      case '^': out += "\\textasciicircum{}"; break;
      case '<': out += "\\textless{}"; break;
      case '>': out += "\\textgreater{}"; break;
      case '|': out += "\\textbar{}"; break;
      case '"': out += "''"; break;
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}': out += std::string("\\") + c; break;
      case '\n':
      case '\t': out += ' '; break;
      default: out += c;
    }
  }
  return out;
}

std::string as_latex(const PrintedTable& table, const LatexOptions& options) {
  const std::size_t columns = table.heads.size() + 1;
  std::string rows;
  for (std::size_t b = 0; b < table.blocks.size(); ++b) {
    const auto& [setting, of_setting] = table.blocks[b];
    if (b > 0) rows += "\\midrule\n";
    if (!setting.empty())
      rows += fmt::format("\\multicolumn{{{}}}{{l}}{{\\textit{{{}}}}} \\\\\n", columns, latex_escaped(setting));
    for (const PrintedRow& row : of_setting) {
      rows += latex_escaped(row.label);
      for (const PrintedCell& cell : row.cells) rows += " & " + cell_text(cell);
      rows += " \\\\\n";
    }
  }
  return fmt::format(
      "% \\usepackage{{booktabs}}\n\\begin{{table}}\n\\centering\n\\caption{{{}}}\n\\label{{{}}}\n{}"
      "\\begin{{tabular}}{{l{}}}\n\\toprule\n{}{}\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n",
      options.caption.empty() ? usual_caption(table) : options.caption, options.label,
      is_wide(table) ? "\\footnotesize\n\\setlength{\\tabcolsep}{4pt}\n" : "", std::string(table.heads.size(), 'r'),
      heading_of(table), rows);
}

}  // namespace mneme
