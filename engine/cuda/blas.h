#pragma once
// Matrix products by cuBLAS, always in fp32: the only ones in a network are those of its classifier, which take little
// time.

#include <optional>

#include "engine/cuda/libraries.h"
#include "engine/tensor.h"

namespace mneme::cuda {

/// cuBLAS on the one stream.
class Blas {
 public:
  /// The matrix product c = op(a) op(b), as in Backend; no dimension may be 0. Throws Error if cuBLAS fails.
  void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c);

 private:
  void prepare();

  BlasHandle handle_;
  std::optional<Buffer> workspace_;  // empty until prepare() has run
};

}  // namespace mneme::cuda
