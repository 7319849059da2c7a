#pragma once
// Bytes as the scripts of tests/golden store them.

#include <string>

namespace mneme::test {

inline std::string from_hex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

}  // namespace mneme::test
