#include "apps/common/presets.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/suggest.h"

namespace mneme {
namespace {

std::string note_of(const TableRow& row) {
  return row.fidelity == Fidelity::faithful ? "" : fmt::format("{}: {}", name_of(row.fidelity), row.reason);
}

/// For example "Table 4, IL-Baseline". A table that has a name instead of a number is called by its name.
std::string source_of(const TableRow& row) {
  const bool numbered = row.table.size() <= 3;
  return fmt::format("{}{}, {}", numbered ? "Table " : "", row.table, row.row);
}

void add_number(std::vector<PublishedNumber>& all, PublishedNumber number) {
  const auto same = std::ranges::find_if(all, [&](const PublishedNumber& other) {
    return other.key == number.key && other.value == number.value && other.note == number.note;
  });
  if (same == all.end())
    all.push_back(std::move(number));
  else
    same->source += "; " + number.source;
}

}  // namespace

const char* name_of(Fidelity fidelity) {
  switch (fidelity) {
    case Fidelity::faithful: return "faithful";
    case Fidelity::assumed: return "assumed";
    case Fidelity::not_comparable: return "not comparable";
    case Fidelity::not_offered: return "not offered";
  }
  fail("no such fidelity");
}

void add(std::vector<Preset>& all, Preset preset) {
  const auto same = std::ranges::find(all, preset.name, &Preset::name);
  if (same == all.end()) {
    all.push_back(std::move(preset));
    return;
  }
  MNEME_CHECK(same->flags == preset.flags, "two presets are called {} and have different flags", preset.name);
  for (TableRow& row : preset.rows) same->rows.push_back(std::move(row));
}

const Preset& preset_named(const std::string& name, const std::vector<Preset>& presets) {
  std::vector<std::pair<std::string, const Preset*>> known;
  for (const Preset& preset : presets) known.emplace_back(preset.name, &preset);
  return *choose_by_name("preset", name, known);
}

std::vector<PublishedNumber> published_numbers(const Preset& preset) {
  std::vector<PublishedNumber> all;
  for (const TableRow& row : preset.rows)
    for (PublishedNumber number : row.numbers) {
      number.source = source_of(row);
      number.note = note_of(row);
      number.comparable = row.fidelity != Fidelity::not_comparable;
      add_number(all, std::move(number));
    }
  return all;
}

const std::vector<Preset>& no_presets() {
  static const std::vector<Preset> none;
  return none;
}

std::string list_of(const std::vector<Preset>& presets) {
  std::string out;
  for (const Preset& preset : presets) {
    out += fmt::format("{:<28} {}\n", preset.name, preset.summary);
    for (const PublishedNumber& number : published_numbers(preset)) {
      out += fmt::format("{:<28}   published {} {:.2f} % ({})", "", number.key, 100 * number.value, number.source);
      out += number.note.empty() ? "\n" : fmt::format(", {}\n", number.note);
    }
  }
  return out;
}

}  // namespace mneme
