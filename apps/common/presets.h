#pragma once
// A preset is one row of one published table: the flags that make it, and the numbers the paper prints for it.

#include <string>
#include <vector>

#include "incremental/report/results/run_result.h"

namespace mneme {

struct Preset {
  std::string name;
  std::string summary;             ///< paper, table and row
  std::vector<std::string> flags;  ///< as on the command line
  std::vector<PublishedNumber> published;
};

/// Flags, word by word.
using Words = std::vector<std::string>;

inline Words joined(Words a, const Words& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline std::vector<Preset> joined(std::vector<Preset> a, const std::vector<Preset>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Throws UsageError with the nearest name if there is none.
const Preset& preset_named(const std::string& name, const std::vector<Preset>& presets);

/// One line per preset for --list-presets.
std::string list_of(const std::vector<Preset>& presets);

}  // namespace mneme
