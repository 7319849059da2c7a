#pragma once
// Every status is checked. One macro serves CUDA, cuDNN and cuBLAS: the type of the status selects the overload. The
// overloads for the libraries are in engine/cuda/libraries.h.

#include <cuda_runtime.h>

#include "engine/cuda/availability.h"

namespace mneme::cuda {

/// Throws Error unless `status` is success. `call` is the text of the call.
inline void check(cudaError_t status, const char* call, std::source_location at) {
  if (status != cudaSuccess) fail_call(call, cudaGetErrorName(status), cudaGetErrorString(status), at);
}

}  // namespace mneme::cuda

/// Checks the status that a call returns. Throws Error with the call, the reason and a hint.
#define CUDA_CHECK(call) ::mneme::cuda::check((call), #call, std::source_location::current())
/// Checks a kernel launch; to be used after every launch. Throws Error as CUDA_CHECK does.
#define CUDA_LAUNCHED(kernel) \
  ::mneme::cuda::check(cudaGetLastError(), "launch of " kernel, std::source_location::current())
