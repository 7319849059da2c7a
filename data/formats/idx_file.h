#pragma once
// The idx format, in which MNIST and the sets like it are published: two zero bytes, the type of the values, the number
// of axes, the length of each axis as a 32-bit number with its highest byte first, then the values in C order. LeCun,
// Cortes and Burges, "The MNIST database of handwritten digits", section "File formats".

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mneme {

/// An array of unsigned bytes.
struct IdxArray {
  std::vector<size_t> shape;    ///< the length of each axis
  std::vector<uint8_t> values;  ///< in C order
};

/// Reads an array of unsigned bytes with `axes` axes. `bytes` are those of a whole file, which gzip may have packed.
/// `name` stands for the file in messages. Memory is taken for what is there, not for what the file claims. Throws
/// Error, with what was found, if the file is of another kind, has other values or axes, or another length than its
/// head says.
IdxArray parse_idx(const std::string& bytes, const std::string& name, size_t axes);

}  // namespace mneme
