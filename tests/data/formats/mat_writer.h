#pragma once
// Writes MATLAB files of version 5 byte by byte, as MathWorks' "MAT-File Format" describes them.

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace mneme::test {

inline std::string little_endian(uint32_t value) {
  std::string bytes(4, '\0');
  std::memcpy(bytes.data(), &value, 4);
  return bytes;
}

/// A data element: its type, its size and its content, padded to a multiple of eight bytes.
inline std::string mat_element(uint32_t type, const std::string& content) {
  std::string out = little_endian(type) + little_endian(static_cast<uint32_t>(content.size())) + content;
  out.resize((out.size() + 7) / 8 * 8, '\0');
  return out;
}

/// Element types and array classes.
constexpr uint32_t mi_int8 = 1, mi_uint8 = 2, mi_int32 = 5, mi_uint32 = 6, mi_double = 9, mi_matrix = 14,
                   mi_compressed = 15, mx_double = 6, mx_uint8 = 9;

inline std::string mat_array(const std::string& name, const std::vector<int32_t>& shape, uint32_t array_class,
                             uint32_t type, const std::string& values) {
  std::string dimensions;
  for (const int32_t d : shape) dimensions += little_endian(static_cast<uint32_t>(d));
  return mat_element(mi_matrix, mat_element(mi_uint32, little_endian(array_class) + little_endian(0)) +
                                    mat_element(mi_int32, dimensions) + mat_element(mi_int8, name) +
                                    mat_element(type, values));
}

/// Compressed elements have no padding.
inline std::string mat_compressed(const std::string& element) {
  uLongf size = compressBound(element.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(element.data()), element.size());
  out.resize(size);
  return little_endian(mi_compressed) + little_endian(static_cast<uint32_t>(size)) + out;
}

inline std::string mat_file(const std::vector<std::string>& elements) {
  std::string out = "MATLAB 5.0 MAT-file, written by a test";
  out.resize(124, ' ');
  out += std::string("\0\1IM", 4);
  for (const std::string& element : elements) out += element;
  return out;
}

}  // namespace mneme::test
