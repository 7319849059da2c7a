#pragma once
// Every status is checked. One macro for CUDA, cuDNN and cuBLAS: the overload is chosen by the status' type (those of
// the libraries are in engine/cuda/libraries.h).

#include <cuda_runtime.h>

#include "engine/cuda/availability.h"

namespace mneme::cuda {

inline void check(cudaError_t status, const char* call, std::source_location at) {
  if (status != cudaSuccess) fail_call(call, cudaGetErrorName(status), cudaGetErrorString(status), at);
}

}  // namespace mneme::cuda

#define CUDA_CHECK(call) ::mneme::cuda::check((call), #call, std::source_location::current())
/// After every kernel launch.
#define CUDA_LAUNCHED(kernel) \
  ::mneme::cuda::check(cudaGetLastError(), "launch of " kernel, std::source_location::current())
