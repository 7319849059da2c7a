#pragma once
// A row-major matrix product in the terms of cuBLAS, which stores matrices column by column. This is plain arithmetic
// and is tested without a GPU.

#include <cstdint>

namespace mneme::cuda {

/// A column-major product: d (rows, columns), with leading dimension `rows`, = op(first) op(second).
struct Gemm {
  int64_t rows,           ///< rows of d
      columns,            ///< columns of d
      inner;              ///< inner dimension of the product
  bool transpose_first,   ///< whether op transposes `first`
      transpose_second;   ///< whether op transposes `second`
  int64_t first_leading,  ///< leading dimension of `first`
      second_leading;     ///< leading dimension of `second`
};

/// The call for the row-major product c (m, n) = op(a) op(b) with inner dimension k. Row-major c is column-major c^T =
/// op(b)^T op(a)^T, and b and a in memory are column-major b^T and a^T. So `first` is b and `second` is a, each
/// transposed exactly if asked to.
constexpr Gemm row_major_gemm(int64_t m, int64_t n, int64_t k, bool transpose_a, bool transpose_b) {
  return {n, m, k, transpose_b, transpose_a, transpose_b ? k : n, transpose_a ? m : k};
}

}  // namespace mneme::cuda
