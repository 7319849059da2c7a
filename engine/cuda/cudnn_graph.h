#pragma once
// Note [cuDNN's graph interface]
// cuDNN 9 has two interfaces. The classic calls (cudnnConvolutionForward and its like) are marked as deprecated, and
// the newest chips' fastest kernels are not behind them. The graph interface describes operations as descriptors, lists
// the engines that can run them with notes on their arithmetic, and turns one into a plan; fusions can come later by
// adding operations to the graph. This header and its .cu are the only place that knows how cuDNN is spoken to.

#include <cudnn.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/cuda/conv_choice.h"

namespace mneme::cuda {

/// What plans are made for: the GPU of a handle, or one described in words (cuDNN's JSON of device properties,
/// cuDNN 9.8 and later), for which plans can be made but not run.
struct PlanTarget {
  cudnnHandle_t handle = nullptr;
  std::string described;
};

class ConvPlanner;

/// One engine, ready to compute one convolution. Tensors must be 16-byte aligned.
class ConvPlan {
 public:
  size_t workspace_bytes() const { return workspace_bytes_; }
  const AlgorithmNotes& notes() const { return notes_; }
  /// x, w and y stand for dx, dw and dy where the pass has those. The result is overwritten.
  void run(cudnnHandle_t handle, void* x, void* w, void* y, void* workspace) const;

 private:
  friend class ConvPlanner;
  struct Made;
  std::shared_ptr<const Made> made_;
  size_t workspace_bytes_ = 0;
  AlgorithmNotes notes_;
};

/// At most `most` plans, in cuDNN's order of preference, of those whose arithmetic the key allows and which need no
/// more than `workspace_limit` bytes. May be empty.
std::vector<ConvPlan> conv_plans(const ConvKey& key, const PlanTarget& target, size_t most, size_t workspace_limit);

}  // namespace mneme::cuda
