#pragma once
// The GPU in use: the first visible one, and the one stream on which all work is queued.

#include <cuda_runtime.h>

#include <string>

#include "engine/cuda/availability.h"

namespace mneme::cuda {

/// The GPU in use.
class Gpu {
 public:
  /// Takes the first visible GPU. Throws Error with the reason if there is none.
  Gpu();
  /// The stream of all work.
  cudaStream_t stream() const { return stream_; }
  /// True while the stream records its work instead of doing it.
  bool captures() const;
  /// The number of multiprocessors.
  int multiprocessors() const { return multiprocessors_; }
  /// most_arrivals counters on the GPU, all 0 between kernels (Note [The last block to arrive]).
  unsigned* arrivals() const { return arrivals_; }
  /// The model.
  const std::string& name() const { return name_; }
  /// The compute capability, 10 major + minor.
  int capability() const { return capability_; }

 private:
  cudaStream_t stream_ = nullptr;
  unsigned* arrivals_ = nullptr;
  int multiprocessors_ = 0, capability_ = 0;
  std::string name_;
};

/// The GPU in use. Throws Error with the reason if there is none.
const Gpu& gpu();

/// Looks for a GPU without using it.
Probe look_for_gpu();

}  // namespace mneme::cuda
