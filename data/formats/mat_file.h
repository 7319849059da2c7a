#pragma once
// MATLAB's files, version 5 (what save() writes with -v6 or -v7): arrays of whole numbers by name.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mneme {

/// An array as MATLAB stores it: the first index runs fastest.
struct MatArray {
  std::vector<size_t> shape;    ///< the extent of each axis
  std::vector<uint8_t> values;  ///< the elements, as many as the product of `shape`
};

/// Whether this build reads such files; if not, read_mat_arrays throws an Error naming the package it lacks.
bool can_read_mat();

/// The arrays of these names, which must hold whole numbers from 0 to 255, of whatever numeric type. Throws Error,
/// naming the file, if it is missing, no plain file, of another kind (version 7.3 is named as such, with how to save
/// it), cut off or damaged (compressed arrays carry a checksum, others do not), or lacks an array. Source: MathWorks,
/// "MAT-File Format".
std::vector<MatArray> read_mat_arrays(const std::filesystem::path& file, const std::vector<std::string>& names);

}  // namespace mneme
