#pragma once
// Every status is checked. One macro for CUDA, cuDNN and cuBLAS: the overload is chosen by the status' type (those of
// the libraries are in engine/cuda/libraries.h).

#include <cuda_runtime.h>

#include "engine/cuda/reasons.h"

namespace mneme::cuda {

/// Throws what went wrong. CUDA's last error goes with it: whoever catches the exception and goes on must not meet the
/// same error again at the next kernel.
[[noreturn]] inline void fail_and_forget(const char* call, const char* status, const char* reason,
                                         std::source_location at) {
  cudaGetLastError();
  fail_call(call, status, reason, at);
}

inline void check(cudaError_t status, const char* call, std::source_location at) {
  if (status != cudaSuccess) fail_and_forget(call, cudaGetErrorName(status), cudaGetErrorString(status), at);
}

/// After every start of a kernel.
inline void check_launch(cudaError_t status, const char* kernel, std::source_location at) {
  if (status != cudaSuccess) check(status, ("launch of " + std::string(kernel)).c_str(), at);
}

}  // namespace mneme::cuda

#define CUDA_CHECK(call) ::mneme::cuda::check((call), #call, std::source_location::current())
