#include "data/formats/pickle_text.h"

#include <vector>

#include "data/files/whole_number.h"

namespace mneme {
namespace {

void append_utf8(std::string& to, uint32_t c) {
  const auto put = [&](uint32_t byte) { to.push_back(static_cast<char>(byte)); };
  const auto follow = [&](int shift) { put(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) return put(0xc0 | c >> 6), follow(0);
  if (c < 0x10000) return put(0xe0 | c >> 12), follow(6), follow(0);
  put(0xf0 | c >> 18), follow(12), follow(6), follow(0);
}

/// The byte that a backslash and this letter stand for; nothing if they do not stand for a single byte.
std::optional<char> simple_escape(char letter) {
  constexpr std::string_view letters = "\\'\"nrtabfv0", meanings{"\\'\"\n\r\t\a\b\f\v\0", 11};
  const size_t at = letters.find(letter);
  if (at == std::string_view::npos) return {};
  return meanings[at];
}

}  // namespace

std::optional<ElementType> element_type(std::string_view name) {
  ElementType type;
  if (!name.empty() && std::string_view("<>|=").find(name[0]) != std::string_view::npos) {
    type.big_endian = name[0] == '>';
    name.remove_prefix(1);
  }
  if (name.empty()) return {};
  type.name = name[0] == 'O' ? name.substr(0, 1) : name;
  if (name[0] == 'O') return type;
  const auto bytes = whole_number<uint32_t>(name.substr(1));
  if (!bytes || std::string_view("biufcmMSU").find(name[0]) == std::string_view::npos) return {};
  type.bytes = uint64_t{*bytes} * (name[0] == 'U' ? 4 : 1);
  const bool is_number = std::string_view("biufc").find(name[0]) != std::string_view::npos;
  if (is_number && (type.bytes == 0 || type.bytes > 32)) return {};
  return type;
}

std::optional<int64_t> whole_number_in(std::string_view element, const ElementType& type) {
  const char kind = type.name.empty() ? ' ' : type.name[0];
  if ((kind != 'i' && kind != 'u' && kind != 'b') || element.size() != type.bytes || type.bytes > 8) return {};
  uint64_t value = 0;
  for (size_t i = 0; i < element.size(); ++i)
    value = value << 8 | static_cast<unsigned char>(element[type.big_endian ? i : element.size() - 1 - i]);
  const size_t bits = 8 * element.size();
  const bool negative = kind == 'i' && (value >> (bits - 1) & 1);
  if (negative && bits < 64) value |= ~uint64_t{0} << bits;
  if (!negative && value >> 63) return {};
  return static_cast<int64_t>(value);
}

std::string in_c_order(std::string_view bytes, std::span<const int64_t> shape, uint64_t element_bytes) {
  std::string out;
  out.reserve(bytes.size());
  std::vector<uint64_t> index(shape.size()), stride(shape.size());
  uint64_t step = element_bytes;
  for (size_t d = 0; d < shape.size(); ++d, step *= static_cast<uint64_t>(shape[d - 1])) stride[d] = step;
  while (out.size() < bytes.size()) {
    uint64_t from = 0;
    for (size_t d = 0; d < shape.size(); ++d) from += index[d] * stride[d];
    out += bytes.substr(from, element_bytes);
    for (size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < static_cast<uint64_t>(shape[d])) break;
      index[d] = 0;
    }
  }
  return out;
}

std::optional<std::string> latin1_bytes(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      bytes.push_back(text[i]);
      continue;
    }
    const unsigned low = i + 1 < text.size() ? static_cast<unsigned char>(text[++i]) : 0u;
    if ((c != 0xc2 && c != 0xc3) || (low & 0xc0) != 0x80) return {};
    bytes.push_back(static_cast<char>((c & 3) << 6 | (low & 0x3f)));
  }
  return bytes;
}

std::optional<std::string> unquoted_bytes(std::string_view literal) {
  const bool quoted =
      literal.size() >= 2 && literal.front() == literal.back() && (literal.front() == '\'' || literal.front() == '"');
  if (!quoted) return {};
  literal = literal.substr(1, literal.size() - 2);
  std::string bytes;
  bytes.reserve(literal.size());
  for (size_t i = 0; i < literal.size(); ++i) {
    if (literal[i] != '\\') {
      bytes.push_back(literal[i]);
      continue;
    }
    if (++i >= literal.size()) return {};
    if (literal[i] == 'x') {
      const auto value = i + 2 < literal.size() ? whole_number<uint8_t>(literal.substr(i + 1, 2), 16) : std::nullopt;
      if (!value) return {};
      bytes.push_back(static_cast<char>(*value));
      i += 2;
    } else if (const std::optional<char> meaning = simple_escape(literal[i])) {
      bytes.push_back(*meaning);
    } else {
      return {};
    }
  }
  return bytes;
}

std::optional<std::string> unescaped_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'u' || text[i + 1] == 'U');
    if (!escape) {
      append_utf8(out, static_cast<unsigned char>(text[i]));
      continue;
    }
    const size_t digits = text[i + 1] == 'u' ? 4 : 8;
    if (text.size() - i - 2 < digits) return {};
    const auto value = whole_number<uint32_t>(text.substr(i + 2, digits), 16);
    if (!value || *value > 0x10ffff) return {};
    append_utf8(out, *value);
    i += 1 + digits;
  }
  return out;
}

}  // namespace mneme
