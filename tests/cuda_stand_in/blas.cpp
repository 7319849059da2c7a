// cuBLAS's matrix product as three loops.

#include <cublas_v2.h>

#include <algorithm>

#include "tests/cuda_stand_in/runtime.h"

struct cublasContext {
  cudaStream_t stream = nullptr;
  void* workspace = nullptr;
};

namespace {

using namespace stand_in;

template <class Body>
cublasStatus_t library_call(const char* function, cublasStatus_t when_injected, const Body& body) {
  const std::lock_guard lock(runtime_lock());
  return error_of_this_call(function) == cudaSuccess ? body() : when_injected;
}

struct Matrix {
  const float* at;
  int leading;
  bool transposed;
  float operator()(int row, int column) const {
    const int first = transposed ? column : row, second = transposed ? row : column;
    return at[first + static_cast<int64_t>(second) * leading];
  }
};

void product(const Matrix& a, const Matrix& b, int m, int n, int k, float* c, int ldc) {
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < m; ++i) {
      double total = 0;
      for (int l = 0; l < k; ++l) total += static_cast<double>(a(i, l)) * static_cast<double>(b(l, j));
      c[i + static_cast<int64_t>(j) * ldc] = static_cast<float>(total);
    }
}

}  // namespace

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
  }
  return "unknown";
}
const char* cublasGetStatusString(cublasStatus_t) { return "as the stand-in was told"; }

cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  return library_call("cublasCreate", CUBLAS_STATUS_ALLOC_FAILED, [&] {
    *handle = new cublasContext;
    return CUBLAS_STATUS_SUCCESS;
  });
}

cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  return library_call("cublasSetStream", CUBLAS_STATUS_EXECUTION_FAILED, [&] {
    handle->stream = stream;
    handle->workspace = nullptr;  // cuBLAS goes back to its own then
    return CUBLAS_STATUS_SUCCESS;
  });
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void* workspace, size_t bytes) {
  return library_call("cublasSetWorkspace", CUBLAS_STATUS_EXECUTION_FAILED, [&] {
    check_device_range("cublasSetWorkspace", workspace, bytes);
    handle->workspace = workspace;
    return CUBLAS_STATUS_SUCCESS;
  });
}

cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t transpose_a, cublasOperation_t transpose_b, int m,
                           int n, int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                           const float* beta, float* c, int ldc) {
  return library_call("cublasSgemm", CUBLAS_STATUS_EXECUTION_FAILED, [&] {
    const bool ta = transpose_a == CUBLAS_OP_T, tb = transpose_b == CUBLAS_OP_T;
    if (lda < std::max(1, ta ? k : m) || ldb < std::max(1, tb ? n : k) || ldc < std::max(1, m) || *alpha != 1 ||
        *beta != 0)
      return CUBLAS_STATUS_INVALID_VALUE;
    if (!handle->workspace) stop("cublasSgemm has no workspace of ours: a captured step could not repeat it");
    const auto run = [=] { product({a, lda, ta}, {b, ldb, tb}, m, n, k, c, ldc); };
    return submit(handle->stream, {"matrix product", 2, run}) == cudaSuccess ? CUBLAS_STATUS_SUCCESS
                                                                             : CUBLAS_STATUS_EXECUTION_FAILED;
  });
}
