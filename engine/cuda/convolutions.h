#pragma once
// Convolutions on the GPU: plans of cuDNN, chosen by measurement, for tensors in any layout.

#include "engine/cuda/cudnn_graph.h"
#include "engine/cuda/libraries.h"

namespace mneme::cuda {

/// The convolutions of one GPU. Its functions are as in Backend and throw Error if no algorithm is acceptable or cuDNN
/// fails.
class Convolutions {
 public:
  /// Connects cuDNN with the one stream.
  Convolutions();
  /// The convolution y of x with w.
  void forward(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y);
  /// The gradient dx of the input.
  void data_gradient(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx);
  /// The gradient dw of the weights.
  void weight_gradient(const ConvShape& shape, const Tensor& x, const Tensor& dy, Tensor& dw);

 private:
  struct Places {
    void *x, *w, *y;
  };
  void run(const ConvKey& key, const Places& places);
  ConvPlan choose(const ConvKey& key, const Places& places);
  void execute(const ConvPlan& plan, const Places& places);
  std::optional<double> milliseconds(const ConvPlan& plan, const Places& places, std::string& refusal);

  DnnHandle handle_;
  PlanCache<ConvPlan> plans_;
};

}  // namespace mneme::cuda
