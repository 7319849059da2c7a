#pragma once
// Convolutions on the GPU: cuDNN's plans, chosen by measurement, over tensors in any layout.

#include "engine/cuda/cudnn_graph.h"
#include "engine/cuda/libraries.h"

namespace mneme::cuda {

class Convolutions {
 public:
  Convolutions();
  // As in Backend.
  void forward(const ConvShape& shape, const Tensor& x, const Tensor& w, Tensor& y);
  void data_gradient(const ConvShape& shape, const Tensor& w, const Tensor& dy, Tensor& dx);
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
