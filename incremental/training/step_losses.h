#pragma once
// The losses of training steps, and numbers that come with them, that the device may not have finished.

#include <chrono>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

/// Stores step losses on the device. Reading a number makes the host wait for all queued work. Losses are therefore
/// read many at a time; on a device without a queue, each is read at once.
class StepLosses {
 public:
  /// `tensor_options` are the type and device of the losses. Every step brings `numbers` numbers, the loss first.
  explicit StepLosses(TensorOptions tensor_options, int64_t numbers = 1);

  /// A step with its loss.
  struct Known {
    int step = 0;             ///< step of the epoch, from 1
    int64_t images = 0;       ///< images of the step
    int64_t images_done = 0;  ///< images of the epoch up to this step
    /// The loss, and the numbers that came with it; set by fetch().
    std::vector<double> numbers = {};
    /// The loss.
    double loss() const { return numbers.at(0); }
  };
  /// Stores the numbers of a step, a tensor of that many. It is copied, so that the caller may overwrite it.
  void add(const Known& step, const Tensor& numbers);
  /// True if the losses should be fetched now: the storage is full, or the last fetch is more than 200 ms ago.
  bool due() const;
  /// All losses since the last fetch, in order.
  std::vector<Known> fetch();

 private:
  int64_t numbers_;
  Tensor values_;  ///< the numbers not yet fetched
  bool runs_behind_;
  std::vector<Known> waiting_;  ///< their steps
  std::chrono::steady_clock::time_point fetched_ = std::chrono::steady_clock::now();
};

}  // namespace mneme
