#pragma once
// The one place where a kernel is started, and the only one that differs between nvcc and the stand-in of the tests
// (tests/cuda_stand_in/).

#include <type_traits>

#include "engine/cuda/check.h"
#include "engine/cuda/gpu.h"

namespace mneme::cuda {

/// Queues a kernel on the one stream. `name` stands in the error if CUDA refuses it.
template <class... Parameters>
void start_kernel(const char* name, void (*kernel)(Parameters...), dim3 blocks, dim3 threads, size_t shared_bytes,
                  const std::type_identity_t<Parameters>&... arguments) {
#ifdef MNEME_CUDA_STAND_IN
  stand_in::launch(name, kernel, blocks, threads, shared_bytes, gpu().stream(), arguments...);
#else
  // clang-format off: it takes the brackets apart
  kernel<<<blocks, threads, shared_bytes, gpu().stream()>>>(arguments...);
  // clang-format on
#endif
  check_launch(cudaGetLastError(), name, std::source_location::current());
}

}  // namespace mneme::cuda
