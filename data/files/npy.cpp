#include "data/files/npy.h"

#include <fmt/format.h>

namespace mneme {
namespace {

constexpr size_t alignment = 64;  // the numbers begin at a multiple of this

/// "(3, 4)", "(3,)" and "()", as Python writes tuples.
std::string tuple(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (const int64_t size : shape) text += fmt::format("{},{}", size, shape.size() > 1 ? " " : "");
  if (shape.size() > 1) text.resize(text.size() - 2);
  return text + ")";
}

std::string file_of(const char* type, std::string_view numbers, const std::vector<int64_t>& shape) {
  std::string file("\x93NUMPY\x01\x00", 8);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type, tuple(shape));
  constexpr size_t before = 10;  // the magic string, the version and the length of the header
  header.resize((before + header.size() + 1 + alignment - 1) / alignment * alignment - before - 1, ' ');
  header += '\n';
  file += static_cast<char>(header.size() & 255);
  file += static_cast<char>(header.size() >> 8);
  return file.append(header).append(numbers);
}

template <class Number>
std::string_view bytes_of_numbers(std::span<const Number> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

std::string npy_bytes(std::span<const float> values, const std::vector<int64_t>& shape) {
  return file_of("<f4", bytes_of_numbers(values), shape);
}

std::string npy_bytes(std::span<const int> values, const std::vector<int64_t>& shape) {
  return file_of("<i4", bytes_of_numbers(values), shape);
}

}  // namespace mneme
