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

/// Throws UsageError: "unknown WHAT 'name'; did you mean 'nearest'? Known: a, b, c". The question is asked only where a
/// third of the letters or fewer would have to change.
[[noreturn]] inline void fail_unknown(std::string_view what, std::string_view name, std::span<const std::string_view> known) {
  std::string list, nearest;
  size_t least = std::max<size_t>(1, name.size() / 3) + 1;
  for (std::string_view candidate : known) {
    list += (list.empty() ? "" : ", ") + std::string(candidate);
    if (const size_t distance = edit_distance(name, candidate); distance < least) {
      least = distance;
      nearest = fmt::format("did you mean '{}'? ", candidate);
    }
  }
  fail_usage("unknown {} '{}'; {}Known: {}", what, name, nearest, list);
}

}  // namespace mneme
