#pragma once
// A place in the stream's work.

#include <utility>

#include "engine/cuda/check.h"
#include "engine/cuda/gpu.h"

namespace mneme::cuda {

class Event {
 public:
  enum class Kind : uint8_t { place, time };
  explicit Event(Kind kind) {
    CUDA_CHECK(cudaEventCreateWithFlags(&event_, kind == Kind::time ? 0 : cudaEventDisableTiming));
  }
  ~Event() { forget(cudaEventDestroy(event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// Marks the end of all work queued so far.
  void record() { CUDA_CHECK(cudaEventRecord(event_, gpu().stream())); }
  /// Returns when the work before the last record() is done; at once if there was none.
  void wait() const { CUDA_CHECK(cudaEventSynchronize(event_)); }
  /// Both are of Kind::time and have been recorded; this one was waited for.
  double milliseconds_since(const Event& start) const {
    float took = 0;
    CUDA_CHECK(cudaEventElapsedTime(&took, start.event_, event_));
    return took;
  }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace mneme::cuda
