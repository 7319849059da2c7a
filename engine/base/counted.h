#pragma once
// Numbers of things in sentences.

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace mneme {

/// "1 task", "2 tasks": `thing` is the English word for one of them, whose plural ends in "s", or in "es" after "s".
template <class Number>
std::string counted(Number number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : thing.ends_with('s') ? "es" : "s");
}

}  // namespace mneme
