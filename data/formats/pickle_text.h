#pragma once
// How Python pickles write texts, numbers and NumPy's types. Private to data/files/pickle*.cpp.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mneme {

/// The type of a NumPy array's elements.
struct ElementType {
  std::string_view name;    ///< NumPy's, without the byte order: "u1", "f8", "U12", "O"
  uint64_t bytes = 0;       ///< of an element; 0 for Python objects
  bool big_endian = false;  ///< the highest byte comes first
};

/// The type that NumPy calls `name`: booleans, whole and floating-point numbers, dates, texts, bytes and Python
/// objects, with a byte order (< > | =) in front or not. Nothing for other types, such as records. Source: NumPy's
/// "Array interface protocol", typestr.
std::optional<ElementType> element_type(std::string_view name);

/// The whole number in the bytes of one element of a type "i", "u" or "b"; nothing for other types and for numbers
/// beyond 63 bits.
std::optional<int64_t> whole_number_in(std::string_view element, const ElementType& type);

/// An array in C order, the last index running fastest, from one in Fortran order, the first running fastest.
/// `bytes.size()` is the product of `shape` and `element_bytes`.
std::string in_c_order(std::string_view bytes, std::span<const int64_t> shape, uint64_t element_bytes);

/// Text in UTF-8 whose characters are all below 256, as one byte each; nothing for other texts.
std::optional<std::string> latin1_bytes(std::string_view text);

/// The bytes that Python 2's repr() of a byte string stands for, quotes and backslashes undone; nothing if it is none.
std::optional<std::string> unquoted_bytes(std::string_view literal);

/// UTF-8 of a text in Python's encoding raw_unicode_escape: bytes are characters below 256, and `\uXXXX` and
/// `\UXXXXXXXX` stand for others. Nothing for an escape that is cut off or no character.
std::optional<std::string> unescaped_text(std::string_view text);

}  // namespace mneme
