#pragma once
// A row-major matrix product in the words of cuBLAS, which counts columns first. Plain arithmetic, tested without a
// GPU.

#include <cstdint>

namespace mneme::cuda {

/// Column-major d (rows, columns), leading dimension rows, = op(first) op(second).
struct Gemm {
  int64_t rows, columns, inner;
  bool transpose_first, transpose_second;
  int64_t first_leading, second_leading;
};

/// Row-major c (m, n) = op(a) op(b) with inner dimension k. Row-major c is column-major c^T = op(b)^T op(a)^T, and b
/// and a in memory are column-major b^T and a^T: so `first` is b, `second` is a, each transposed exactly if asked.
constexpr Gemm row_major_gemm(int64_t m, int64_t n, int64_t k, bool transpose_a, bool transpose_b) {
  return {n, m, k, transpose_b, transpose_a, transpose_b ? k : n, transpose_a ? m : k};
}

}  // namespace mneme::cuda
