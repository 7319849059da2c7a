#pragma once
// The losses of training steps that the device may not have finished.

#include <chrono>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

/// Stores step losses on the device. Reading a number makes the host wait for all queued work. Losses are therefore
/// read many at a time; on a device without a queue, each is read at once.
class StepLosses {
 public:
  /// `tensor_options` are the type and device of the losses.
  explicit StepLosses(TensorOptions tensor_options);

  /// A step with its loss.
  struct Known {
    int step = 0;             ///< step of the epoch, from 1
    int64_t images = 0;       ///< images of the step
    int64_t images_done = 0;  ///< images of the epoch up to this step
    double loss = 0;          ///< the loss; set by fetch()
  };
  /// Stores the loss of a step, a scalar. It is copied, so that the caller may overwrite it.
  void add(const Known& step, const Tensor& loss);
  /// True if the losses should be fetched now: the storage is full, or the last fetch is more than 200 ms ago.
  bool due() const;
  /// All losses since the last fetch, in order.
  std::vector<Known> fetch();

 private:
  Tensor values_;  ///< the losses not yet fetched
  bool runs_behind_;
  std::vector<Known> waiting_;  ///< their steps
  std::chrono::steady_clock::time_point fetched_ = std::chrono::steady_clock::now();
};

}  // namespace mneme
