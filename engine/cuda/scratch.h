#pragma once
// Working memory for library kernels. Not the arena's: it outlives calls, and what the arena counts as live are
// tensors.

#include "engine/cuda/check.h"
#include "engine/device.h"

namespace mneme::cuda {

/// Grows to the largest need and then stays. Growing loses the contents and waits for the GPU.
class DeviceScratch {
 public:
  DeviceScratch() = default;
  ~DeviceScratch() { cudaFree(memory_); }
  DeviceScratch(const DeviceScratch&) = delete;
  DeviceScratch& operator=(const DeviceScratch&) = delete;

  /// At least so many bytes, at the same place as before unless it had to grow.
  void* bytes(size_t count) {
    if (count > size_) grow(count);
    return memory_;
  }

 private:
  void grow(size_t count) {
    CUDA_CHECK(cudaFree(memory_));
    memory_ = nullptr;
    size_ = 0;
    if (cudaMalloc(&memory_, count) != cudaSuccess) {
      cudaGetLastError();
      backend(Device::cuda).arena().trim();  // blocks that wait there may be enough
      CUDA_CHECK(cudaMalloc(&memory_, count));
    }
    size_ = count;
  }
  void* memory_ = nullptr;
  size_t size_ = 0;
};

}  // namespace mneme::cuda
