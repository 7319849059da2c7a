#pragma once
// cuDNN and cuBLAS: their statuses for CUDA_CHECK, and handles that destroy themselves.

#include <cublas_v2.h>
#include <cudnn.h>

#include <utility>

#include "engine/cuda/check.h"

namespace mneme::cuda {

/// Throws Error unless `status` is success.
inline void check(cudnnStatus_t status, const char* call, std::source_location at) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  char reason[1024] = "";
  cudnnGetLastErrorString(reason, sizeof reason);  // names the argument that cuDNN refused
  fail_and_forget(call, cudnnGetErrorString(status), reason, at);
}

/// Throws Error unless `status` is success.
inline void check(cublasStatus_t status, const char* call, std::source_location at) {
  if (status != CUBLAS_STATUS_SUCCESS)
    fail_and_forget(call, cublasGetStatusName(status), cublasGetStatusString(status), at);
}

/// Owns one object of a library: it creates the object, destroys it, and can be moved but not copied.
template <class Handle, auto Create, auto Destroy>
class Owned {
 public:
  /// Creates the object. Throws Error if that fails.
  Owned() { CUDA_CHECK(Create(&handle_)); }
  /// Destroys the object.
  ~Owned() {
    if (handle_) Destroy(handle_);  // the status is ignored because a destructor must not throw
  }
  /// Takes the object of `other`.
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  /// Exchanges the objects.
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  /// The object.
  operator Handle() const { return handle_; }

 private:
  Handle handle_ = nullptr;
};

/// A handle of cuDNN.
using DnnHandle = Owned<cudnnHandle_t, cudnnCreate, cudnnDestroy>;
/// A handle of cuBLAS.
using BlasHandle = Owned<cublasHandle_t, cublasCreate, cublasDestroy>;

}  // namespace mneme::cuda
