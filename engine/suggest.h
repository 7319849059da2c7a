#pragma once
// What an unknown name should have been.

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"

namespace mneme {

/// Levenshtein distance: insertions, deletions and replacements that turn one text into the other.
inline size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
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

/// Throws UsageError: "unknown WHAT 'name'; did you mean 'nearest'? Known: a, b, c".
[[noreturn]] inline void fail_unknown(std::string_view what, std::string_view name,
                                      std::span<const std::string_view> known) {
  std::string list;
  for (std::string_view candidate : known) list += (list.empty() ? "" : ", ") + std::string(candidate);
  const std::string_view nearest = nearest_name(name, known);
  const std::string question = nearest.empty() ? "" : fmt::format("did you mean '{}'? ", nearest);
  fail_usage("unknown {} '{}'; {}Known: {}", what, name, question, list);
}

/// The value listed under `name`; throws as fail_unknown does if there is none. `choices` holds (name, value) pairs.
template <class Choices>
auto choose_by_name(std::string_view what, std::string_view name, const Choices& choices) {
  std::vector<std::string_view> known;
  for (const auto& [candidate, value] : choices) {
    if (name == candidate) return value;
    known.push_back(candidate);
  }
  fail_unknown(what, name, known);
}

/// The name `value` is listed under; empty if it is not.
template <class Choices, class Value>
const char* name_among(const Choices& choices, const Value& value) {
  for (const auto& [name, candidate] : choices)
    if (candidate == value) return name;
  return "";
}

}  // namespace mneme
