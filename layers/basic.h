#pragma once
// The layers residual networks are made of. Names and initialisation as in PyTorch.

#include "engine/ops.h"
#include "layers/module.h"

namespace mneme {

/// Convolution without bias: (N, in, H, W) -> (N, out, H', W').
struct Conv2d : Module {
  struct Options {
    int64_t in, out, kernel = 3, stride = 1, pad = 0;
    bool scaled = false;  ///< every kernel has a factor, 1 at first, for methods that keep kernels and learn these
  };
  Tensor weight;        // (out, in, kernel, kernel)
  Tensor kernel_scale;  // (out, in, 1, 1); undefined without
  ConvOptions options;

  /// Weights ~ N(0, 2 / (out kernel^2)): He et al., "Delving Deep into Rectifiers", 2015, eq. 14 (fan-out).
  Conv2d(const Options& o, Factory& factory);
  Tensor operator()(const Tensor& x) const {
    return conv2d(x, kernel_scale ? mul(weight, kernel_scale) : weight, options);
  }
  void each_state(const std::string& at, const Visit& visit) override;
};

/// Batch normalisation, gamma 1 and beta 0 at first (gamma 0 on request), momentum 0.1, eps 1e-5.
struct BatchNorm2d : Module {
  Tensor weight, bias;  // gamma, beta (C)
  BatchNormStatistics running;

  BatchNorm2d(int64_t channels, Factory& factory, double gamma = 1.0);
  Tensor operator()(const Tensor& x, Mode mode) {
    return batch_norm(x, weight, bias, running, {.training = mode.training, .update_running = mode.update_running});
  }
  void each_state(const std::string& at, const Visit& visit) override;
};

/// y = x w^T + b: (N, in) -> (N, out). Weights and bias ~ U(-1/sqrt(in), 1/sqrt(in)).
struct Linear : Module {
  Tensor weight, bias;  // (out, in), (out)

  Linear(int64_t in, int64_t out, Factory& factory);
  Tensor operator()(const Tensor& x) const { return linear(x, weight, bias); }
  void each_state(const std::string& at, const Visit& visit) override;
};

}  // namespace mneme
