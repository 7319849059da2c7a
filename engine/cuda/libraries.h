#pragma once
// cuDNN and cuBLAS: their statuses for CUDA_CHECK, and handles that clean up after themselves.

#include <cublas_v2.h>
#include <cudnn.h>

#include <utility>

#include "engine/cuda/check.h"

namespace mneme::cuda {

inline void check(cudnnStatus_t status, const char* call, std::source_location at) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char reason[1024] = "";
  cudnnGetLastErrorString(reason, sizeof reason);  // names the argument it refused
  fail_and_forget(call, cudnnGetErrorString(status), reason, at);
}

inline void check(cublasStatus_t status, const char* call, std::source_location at) {
  if (status != CUBLAS_STATUS_SUCCESS)
    fail_and_forget(call, cublasGetStatusName(status), cublasGetStatusString(status), at);
}

/// Owns one object of a library: created with it, destroyed with it, moved but never copied.
template <class Handle, auto Create, auto Destroy>
class Owned {
 public:
  Owned() { CUDA_CHECK(Create(&handle_)); }
  ~Owned() {
    if (handle_) Destroy(handle_);  // a destructor must not throw: the status is dropped
  }
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  operator Handle() const { return handle_; }

 private:
  Handle handle_ = nullptr;
};

using DnnHandle = Owned<cudnnHandle_t, cudnnCreate, cudnnDestroy>;
using BlasHandle = Owned<cublasHandle_t, cublasCreate, cublasDestroy>;

}  // namespace mneme::cuda
