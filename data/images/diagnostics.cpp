#include "data/images/diagnostics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "engine/base/error.h"

namespace mneme {
namespace {

/// Bytes of the character that begins at `text`; 0 if none does.
size_t character_bytes(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xc2 && first < 0xe0   ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool surrogate = first == 0xed && byte(1) >= 0xa0, beyond = first == 0xf4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t bytes = character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text[0]);
    const size_t bytes = first < ' ' || first == 0x7f ? 0 : character_bytes(text);
    shown += bytes == 0 ? fmt::format("\\x{:02x}", first) : std::string(text.substr(0, bytes));
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return shown;
}

void Diagnostics::add(std::string_view kind, std::string_view where, Kinds& kinds) {
  auto found = kinds.find(kind);
  if (found == kinds.end()) found = kinds.emplace(kind, std::vector<std::string>{}).first;
  found->second.push_back(printable(where));
}

int64_t Diagnostics::count_of(const Kinds& kinds) {
  int64_t count = 0;
  for (const auto& [kind, where] : kinds) count += static_cast<int64_t>(where.size());
  return count;
}

std::vector<std::string> Diagnostics::phrases() const {
  constexpr size_t shown = 5;
  std::vector<std::string> phrases;
  for (const Kinds* kinds : {&others_, &files_})
    for (const auto& [kind, where] : *kinds) {
      const std::span first(where.data(), std::min(shown, where.size()));
      const char* more = where.size() > shown ? ", ..." : "";
      phrases.push_back(fmt::format("{} x {} ({}{})", where.size(), kind, fmt::join(first, ", "), more));
    }
  return phrases;
}

std::string Diagnostics::text() const { return fmt::format("{}", fmt::join(phrases(), "; ")); }

std::string Diagnostics::list() const {
  std::string lines;
  for (const Kinds* kinds : {&others_, &files_})
    for (const auto& [kind, where] : *kinds)
      for (const std::string& one : where) lines += kind + '\t' + one + '\n';
  return lines;
}

void Diagnostics::check(std::string_view of, int64_t skip_bad) const {
  if (others_.empty() && files() <= skip_bad) return;
  const std::string leave = others_.empty() ? fmt::format(", or leave them out with --skip-bad {}", files()) : "";
  fail("{}: {}; mend them{}", of, text(), leave);
}

}  // namespace mneme
