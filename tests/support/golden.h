#pragma once
// Reads the numbers that the scripts of tests/golden stored.

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/paths.h"

namespace mneme::test {

/// The content of a file in tests/golden, which is read once.
inline const nlohmann::json& golden_file(const std::string& name) {
  static std::map<std::string, nlohmann::json> files;
  if (const auto known = files.find(name); known != files.end()) return known->second;
  std::ifstream file(golden_path(name));
  return files.emplace(name, nlohmann::json::parse(file)).first->second;
}

}  // namespace mneme::test
