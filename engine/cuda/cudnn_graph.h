#pragma once
// Note [cuDNN's graph interface]
// cuDNN 9 has two interfaces. The classic calls (cudnnConvolutionForward and similar ones) are deprecated, and the
// fastest kernels for new GPUs are not available through them. The graph interface describes operations by descriptors,
// lists the engines that can run them with notes on their arithmetic, and turns one engine into a plan. Fusions can be
// added later as further operations of the graph. Only this header and its .cu file know how to call cuDNN.

#include <cudnn.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/cuda/conv_choice.h"

namespace mneme::cuda {

/// What plans are made for: the GPU of a handle, or a GPU described in words (cuDNN's JSON of device properties, cuDNN
/// 9.8 and later). Plans for a described GPU can be made but not run.
struct PlanTarget {
  cudnnHandle_t handle = nullptr;  ///< the handle, or null
  std::string described;           ///< the JSON, or empty
};

class ConvPlanner;

/// One engine, ready to compute one convolution. Tensors must be aligned to 16 bytes.
class ConvPlan {
 public:
  /// The workspace that run() needs, in bytes.
  size_t workspace_bytes() const { return workspace_bytes_; }
  /// Which of cuDNN's engines it is and how it is adjusted: "engine 38, 2=1, 5=0", each knob with its value.
  const std::string& name() const { return name_; }
  /// What cuDNN says about its arithmetic.
  const AlgorithmNotes& notes() const { return notes_; }
  /// Computes the result, which is overwritten. x, w and y are dx, dw and dy in passes that have those. Throws Error if
  /// cuDNN fails.
  void run(cudnnHandle_t handle, void* x, void* w, void* y, void* workspace) const;

 private:
  friend class ConvPlanner;
  struct Made;
  std::shared_ptr<const Made> made_;
  size_t workspace_bytes_ = 0;
  std::string name_;
  AlgorithmNotes notes_;
};

/// At most `most` plans, in cuDNN's order of preference, whose arithmetic the key allows and which need no more than
/// `workspace_limit` bytes. May be empty. Throws Error if cuDNN fails.
std::vector<ConvPlan> conv_plans(const ConvKey& key, const PlanTarget& target, size_t most, size_t workspace_limit);

}  // namespace mneme::cuda
