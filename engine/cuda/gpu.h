#pragma once
// The GPU in use: the first one visible, and the one stream that all work is queued on.

#include <cuda_runtime.h>

#include <string>

#include "engine/cuda/reasons.h"

namespace mneme::cuda {

class Gpu {
 public:
  Gpu();
  cudaStream_t stream() const { return stream_; }
  /// True while the stream's work is noted instead of done.
  bool captures() const;
  int multiprocessors() const { return multiprocessors_; }
  /// most_arrivals counters on the GPU, all 0 between kernels (Note [The last block to arrive]).
  unsigned* arrivals() const { return arrivals_; }
  const std::string& name() const { return name_; }
  int capability() const { return capability_; }

 private:
  cudaStream_t stream_ = nullptr;
  unsigned* arrivals_ = nullptr;
  int multiprocessors_ = 0, capability_ = 0;
  std::string name_;
};

/// Throws, saying why, when there is no usable GPU.
const Gpu& gpu();

/// Looks for a GPU, without claiming it.
Probe look_for_gpu();

}  // namespace mneme::cuda
