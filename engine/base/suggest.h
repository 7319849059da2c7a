#pragma once
// Suggestions for names that are not known.

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"

namespace mneme {

/// The number of insertions, deletions, replacements and swaps of two neighbours that turn one text into the other,
/// where no letter is changed twice (Damerau-Levenshtein, "optimal string alignment").
inline size_t edit_distance(std::string_view a, std::string_view b) {
  // d[i][j] is the distance of the first i letters of a from the first j letters of b.
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i)
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const size_t replaced = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = std::min({replaced, d[i - 1][j] + 1, d[i][j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

/// The known name that needs the fewest changes to become `name`; empty if more than a third of the letters would
/// change.
inline std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known) {
  std::string_view nearest;
  size_t least = std::max<size_t>(1, name.size() / 3) + 1;
  for (std::string_view candidate : known)
    if (const size_t distance = edit_distance(name, candidate); distance < least) {
      least = distance;
      nearest = candidate;
    }
  return nearest;
}

/// A list for messages: "Known: a, b, c". If there are more than 40 names, the ten nearest: "Nearest of 60: a, b, c".
inline std::string list_for(std::string_view name, std::vector<std::string_view> known) {
  constexpr size_t most = 40, shown = 10;
  const size_t all = known.size();
  if (all > most) {
    std::ranges::stable_sort(known, {}, [&](std::string_view candidate) { return edit_distance(name, candidate); });
    known.resize(shown);
  }
  std::string list = all > most ? fmt::format("Nearest of {}: ", all) : "Known: ";
  for (size_t i = 0; i < known.size(); ++i) list += (i ? ", " : "") + std::string(known[i]);
  return list;
}

/// Throws UsageError: "unknown WHAT 'name'; did you mean 'nearest'? Known: a, b, c".
[[noreturn]] inline void fail_unknown(std::string_view what, std::string_view name,
                                      std::span<const std::string_view> known) {
  const std::string_view nearest = nearest_name(name, known);
  const std::string question = nearest.empty() ? "" : fmt::format("did you mean '{}'? ", nearest);
  fail_usage("unknown {} '{}'; {}{}", what, name, question, list_for(name, {known.begin(), known.end()}));
}

/// The value that is listed under `name`. `choices` holds pairs of name and value. Throws UsageError as fail_unknown()
/// does if there is none.
template <class Choices>
auto choose_by_name(std::string_view what, std::string_view name, const Choices& choices) {
  std::vector<std::string_view> known;
  for (const auto& [candidate, value] : choices) {
    if (name == candidate) return value;
    known.push_back(candidate);
  }
  fail_unknown(what, name, known);
}

/// The name under which `value` is listed; empty if it is not.
template <class Choices, class Value>
const char* name_among(const Choices& choices, const Value& value) {
  for (const auto& [name, candidate] : choices)
    if (candidate == value) return name;
  return "";
}

}  // namespace mneme
