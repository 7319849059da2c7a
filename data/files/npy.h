#pragma once
// Arrays as NumPy stores them: `numpy.load` reads these files.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mneme {

/// The bytes of a .npy file, version 1.0 of the format, with 32-bit floating-point numbers in the order of C. `shape`
/// are the array's dimensions, and `values` as many numbers as they say. Source: the NEP 1 of NumPy, "A Simple File
/// Format for NumPy Arrays".
std::string npy_bytes(std::span<const float> values, const std::vector<int64_t>& shape);
/// The bytes of such a file with 32-bit integers.
std::string npy_bytes(std::span<const int> values, const std::vector<int64_t>& shape);

}  // namespace mneme
