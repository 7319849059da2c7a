#pragma once
// Matrix products by cuBLAS, always in fp32: a network's only ones are its classifier's, which cost next to nothing.

#include <optional>

#include "engine/cuda/libraries.h"
#include "engine/tensor.h"

namespace mneme::cuda {

class Blas {
 public:
  /// As in Backend; no dimension is 0.
  void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c);

 private:
  void prepare();

  BlasHandle handle_;
  std::optional<Buffer> workspace_;  // none: nothing is prepared yet
};

}  // namespace mneme::cuda
