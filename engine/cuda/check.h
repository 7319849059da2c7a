#pragma once
// Every status is checked. One macro serves CUDA, cuDNN and cuBLAS: the type of the status selects the overload. The
// overloads for the libraries are in engine/cuda/libraries.h.

#include <cuda_runtime.h>

#include "engine/cuda/availability.h"

namespace mneme::cuda {

/// Throws Error with what went wrong, and clears CUDA's last error: whoever catches the exception and goes on must not
/// meet the same error again at the next kernel.
[[noreturn]] inline void fail_and_forget(const char* call, const char* status, const char* reason,
                                         std::source_location at) {
  cudaGetLastError();
  fail_call(call, status, reason, at);
}

/// Throws Error unless `status` is success. `call` is the text of the call.
inline void check(cudaError_t status, const char* call, std::source_location at) {
  if (status != cudaSuccess) fail_and_forget(call, cudaGetErrorName(status), cudaGetErrorString(status), at);
}

/// For destructors, which cannot report an error: forgets it, so that the next kernel is not blamed.
inline void forget(cudaError_t status) {
  if (status != cudaSuccess) cudaGetLastError();
}

/// After every start of a kernel.
inline void check_launch(cudaError_t status, const char* kernel, std::source_location at) {
  if (status != cudaSuccess) check(status, ("launch of " + std::string(kernel)).c_str(), at);
}

}  // namespace mneme::cuda

/// Checks the status that a call returns. Throws Error with the call, the reason and a hint.
#define CUDA_CHECK(call) ::mneme::cuda::check((call), #call, std::source_location::current())
