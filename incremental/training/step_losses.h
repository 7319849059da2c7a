#pragma once
// The losses of steps that the device may still be working on.

#include <chrono>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

/// Asking for a number makes the host wait for everything queued before it. So losses are kept where they are made and
/// fetched many at a time; on a device that does not run behind, each at once.
class StepLosses {
 public:
  /// `like` is what losses are.
  explicit StepLosses(TensorOptions tensor_options);

  struct Known {
    int step = 0;             ///< counted from 1
    int64_t images = 0;       ///< of the step
    int64_t images_done = 0;  ///< of the epoch
    double loss = 0;
  };
  /// `loss` is a scalar, which may be overwritten afterwards.
  void add(const Known& step, const Tensor& loss);
  /// True when fetching is worth the wait.
  bool due() const;
  /// All losses since the last time, in order.
  std::vector<Known> fetch();

 private:
  Tensor values_;  // as many as are fetched at a time
  bool runs_behind_;
  std::vector<Known> waiting_;  // without their losses
  std::chrono::steady_clock::time_point fetched_ = std::chrono::steady_clock::now();
};

}  // namespace mneme
