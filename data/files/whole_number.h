#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace mneme {

/// Reads `text`, all of it, as a whole number to this base. Nothing if it is no number or does not fit into `Integer`.
/// Throws nothing.
template <class Integer>
std::optional<Integer> whole_number(std::string_view text, int base = 10) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace mneme
