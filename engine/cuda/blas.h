#pragma once
// Matrix products by cuBLAS, always in fp32: a network's only ones are its classifier's, which cost next to nothing.

#include "engine/cuda/libraries.h"
#include "engine/tensor.h"

namespace mneme::cuda {

class Blas {
 public:
  static constexpr size_t workspace_bytes = size_t{32} << 20;  // what cuBLAS recommends for its largest chips

  /// `workspace` is memory on the GPU that is nobody else's. With a workspace of ours cuBLAS repeats its results, and
  /// can be recorded into graphs.
  explicit Blas(void* workspace);
  /// As in Backend; no dimension is 0.
  void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c);

 private:
  BlasHandle handle_;
};

}  // namespace mneme::cuda
