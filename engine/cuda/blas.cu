#include "engine/cuda/blas.h"

#include <limits>

#include "engine/base/work_count.h"
#include "engine/cuda/gemm.h"
#include "engine/cuda/gpu.h"

namespace mneme::cuda {
namespace {

int as_int(int64_t size) {
  MNEME_CHECK(size <= std::numeric_limits<int>::max(), "matmul on cuda: a dimension of {} is too large", size);
  return static_cast<int>(size);
}

cublasOperation_t operation(bool transpose) { return transpose ? CUBLAS_OP_T : CUBLAS_OP_N; }

}  // namespace

/// cuBLAS's default math mode is kept: fp32.
Blas::Blas(void* workspace) {
  CUDA_CHECK(cublasSetStream(handle_, gpu().stream()));
  CUDA_CHECK(cublasSetWorkspace(handle_, workspace, workspace_bytes));
}

void Blas::matmul(const Tensor& a, bool transpose_a, const Tensor& b, bool transpose_b, Tensor& c) {
  const Gemm g = row_major_gemm(c.dim(0), c.dim(1), a.dim(transpose_a ? 0 : 1), transpose_a, transpose_b);
  const float one = 1, zero = 0;
  const double numbers = static_cast<double>(a.size()) + static_cast<double>(b.size()) + static_cast<double>(c.size());
  count_work("matrix product", numbers * sizeof(float));
  CUDA_CHECK(cublasSgemm(handle_, operation(g.transpose_first), operation(g.transpose_second), as_int(g.rows),
                         as_int(g.columns), as_int(g.inner), &one, b.data<float>(), as_int(g.first_leading),
                         a.data<float>(), as_int(g.second_leading), &zero, c.data<float>(), as_int(g.rows)));
}

}  // namespace mneme::cuda
