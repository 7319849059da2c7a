#include "data/files/csv.h"

#include <algorithm>
#include <cctype>

#include "data/files/text_lines.h"

namespace mneme {
namespace {

constexpr std::string_view separators = ",;\t";

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Column of a name in a row, or the row's width.
size_t column_of(std::span<const std::string_view> row, std::string_view name) {
  const auto found = std::ranges::find_if(row, [&](std::string_view field) { return same_name(field, name); });
  return static_cast<size_t>(found - row.begin());
}

}  // namespace

CsvReader::CsvReader(std::string_view text) : rest_(text) {
  std::string_view first = take_line(text);
  const auto count = [&](char c) { return std::ranges::count(first, c); };
  separator_ = *std::ranges::max_element(separators, {}, count);
}

bool CsvReader::next(CsvRow& row) {
  for (; !rest_.empty(); ++line_) {
    const std::string_view before = rest_;
    if (trimmed(take_line(rest_)).empty()) continue;
    row = {line_, {}, nullptr};
    std::string_view after = before;
    row.fault = split(after, row);
    if (!row.fault) rest_ = after;
    for (std::string_view used = before.substr(0, before.size() - rest_.size()); !used.empty(); ++line_)
      take_line(used);
    return true;
  }
  return false;
}

/// Takes a row off the front of `rest`; returns its fault.
const char* CsvReader::split(std::string_view& rest, CsvRow& row) const {
  const char stops[] = {separator_, '\r', '\n'};
  const std::string_view blanks = separator_ == '\t' ? " " : " \t";
  for (;;) {
    std::string field;
    rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    if (rest.starts_with('"')) {
      if (const char* fault = quoted_field(rest, field)) return fault;
      rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
    } else {
      const size_t end = std::min(rest.find_first_of({stops, sizeof stops}), rest.size());
      field = trimmed(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    row.fields.push_back(std::move(field));
    if (rest.empty()) return nullptr;
    if (rest.front() == '\r' || rest.front() == '\n') {
      take_line(rest);
      return nullptr;
    }
    if (rest.front() != separator_) return "text behind a quoted field";
    rest.remove_prefix(1);
  }
}

/// `rest` begins with a quote.
const char* CsvReader::quoted_field(std::string_view& rest, std::string& field) const {
  do {
    rest.remove_prefix(1);
    const size_t end = rest.find('"');
    if (end == std::string_view::npos) return "a quote that is not closed";
    field += rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (rest.starts_with('"')) field += '"';
  } while (rest.starts_with('"'));
  return nullptr;
}

std::optional<CsvColumns> find_columns(const CsvRow& first, std::span<const std::string_view> names,
                                       std::span<const std::string_view> official) {
  const std::vector<std::string_view> header(first.fields.begin(), first.fields.end());
  const bool has_header =
      std::ranges::any_of(names, [&](std::string_view name) { return column_of(header, name) < header.size(); });
  const std::span<const std::string_view> row = has_header ? std::span<const std::string_view>(header) : official;
  CsvColumns columns{.at = {}, .has_header = has_header};
  for (const std::string_view name : names)
    if (columns.at.emplace_back(column_of(row, name)) == row.size()) return {};
  return columns;
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == text.npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += c;
    out += c;
  }
  return out + '"';
}

}  // namespace mneme
