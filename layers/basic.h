#pragma once
// The layers that residual networks are made of. Names and initialisation are those of PyTorch.

#include "engine/ops.h"
#include "layers/module.h"

namespace mneme {

/// A square convolution without bias: (N, in, H, W) -> (N, out, H', W'); see conv2d() in engine/ops.h.
struct Conv2d : Module {
  /// The sizes of a convolution.
  struct Options {
    int64_t in,      ///< input channels
        out,         ///< output channels
        kernel = 3,  ///< side of the window in pixels
        stride = 1,  ///< step of the window in pixels
        pad = 0;     ///< border of zeros in pixels
    bool scaled =
        false;  ///< on: every kernel has a factor, 1 at first, for methods that fix the kernels and learn the factors
  };
  Tensor weight;        ///< (out, in, kernel, kernel)
  Tensor kernel_scale;  ///< (out, in, 1, 1); undefined unless `scaled`
  ConvOptions options;  ///< stride and border

  /// Draws weights ~ N(0, 2 / (out kernel^2)): He et al., "Delving Deep into Rectifiers", ICCV 2015, eq. 14 (fan-out).
  Conv2d(const Options& o, Factory& factory);
  /// The convolution of x. Throws Error as conv2d() does.
  Tensor operator()(const Tensor& x) const {
    return conv2d(x, kernel_scale ? mul(weight, kernel_scale) : weight, options);
  }
  void each_state(const std::string& at, const Visit& visit) override;
};

/// Batch normalisation with momentum 0.1 and eps 1e-5; see batch_norm() in engine/ops.h.
struct BatchNorm2d : Module {
  Tensor weight,                ///< gamma (C)
      bias;                     ///< beta (C)
  BatchNormStatistics running;  ///< mean 0 and variance 1 at first

  /// gamma is 1 at first, or the given value; beta is 0.
  BatchNorm2d(int64_t channels, Factory& factory, double gamma = 1.0);
  /// The normalised x (N, C, H, W). Throws Error as batch_norm() does.
  Tensor operator()(const Tensor& x, Mode mode) {
    return batch_norm(x, weight, bias, running, {.training = mode.training, .update_running = mode.update_running});
  }
  void each_state(const std::string& at, const Visit& visit) override;
};

/// y = x w^T + b: (N, in) -> (N, out).
struct Linear : Module {
  Tensor weight,  ///< (out, in)
      bias;       ///< (out)

  /// Draws weights and bias ~ U(-1/sqrt(in), 1/sqrt(in)).
  Linear(int64_t in, int64_t out, Factory& factory);
  /// The outputs for x. Throws Error as linear() does.
  Tensor operator()(const Tensor& x) const { return linear(x, weight, bias); }
  void each_state(const std::string& at, const Visit& visit) override;
};

}  // namespace mneme
