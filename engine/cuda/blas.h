#pragma once
// Matrix products by cuBLAS, always in fp32: the only ones in a network are those of its classifier, which take little
// time.

#include "engine/cuda/libraries.h"
#include "engine/tensor.h"

namespace mneme::cuda {

/// cuBLAS on the one stream.
class Blas {
 public:
  static constexpr size_t workspace_bytes = size_t{32} << 20;  // the size that NVIDIA recommends for the largest GPUs

  /// `workspace` is memory on the GPU that nothing else uses. With a workspace of our own, cuBLAS repeats its results
  /// to the bit and can be captured in graphs. Throws Error if cuBLAS fails.
  explicit Blas(void* workspace);
  /// The matrix product c = op(a) op(b), as in Backend; no dimension may be 0. Throws Error if cuBLAS fails.
  void matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c);

 private:
  BlasHandle handle_;
};

}  // namespace mneme::cuda
