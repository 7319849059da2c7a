#pragma once
// The numbers that the scripts of tests/golden stored.

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace mneme::test {

inline nlohmann::json golden_file(const std::string& name) {
  std::ifstream file(std::string(MNEME_TEST_DATA "/") + name);
  return nlohmann::json::parse(file);
}

}  // namespace mneme::test
