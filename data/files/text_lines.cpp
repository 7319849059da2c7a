#include "data/files/text_lines.h"

#include "data/files/file_bytes.h"
#include "data/files/file_kind.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf", blanks = " \t", ends = "\r\n";

bool is_utf16(std::string_view bytes) { return bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff"); }

}  // namespace

std::string_view text_of(std::string_view bytes, std::string_view name) {
  MNEME_CHECK(
      !is_utf16(bytes),
      "{}: is text in UTF-16, expected UTF-8; save it again as UTF-8 (in PowerShell: Set-Content -Encoding utf8)",
      name);
  if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
  const bool has_zeros = bytes.find('\0') != std::string_view::npos;
  const std::optional<FileKind> kind = kind_of_file(bytes);
  if (kind && (kind->is_text || has_zeros)) fail("{}: is {}, expected plain text; {}", name, kind->what, kind->remedy);
  MNEME_CHECK(!has_zeros, "{}: has zero bytes in it, expected plain text in UTF-8; check that it is the right file",
              name);
  return bytes;
}

std::string_view take_line(std::string_view& rest) {
  const size_t end = std::min(rest.find_first_of(ends), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end);
  rest.remove_prefix(rest.starts_with("\r\n") ? 2 : rest.empty() ? 0 : 1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  const size_t end = text.find_last_not_of(blanks) + 1;  // npos + 1 is 0
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::string read_text(const std::filesystem::path& file) {
  std::string bytes = read_file(file);
  bytes.erase(0, bytes.size() - text_of(bytes, file.string()).size());
  return bytes;
}

std::vector<std::string> read_lines(const std::filesystem::path& file) {
  const std::string text = read_text(file);
  std::vector<std::string> lines;
  for_each_line(text, [&](const TextLine& line) { lines.emplace_back(line.text); });
  return lines;
}

}  // namespace mneme
