#pragma once
// Stochastic gradient descent as PyTorch defines it:
//   g <- g + wd theta
//   v <- mu v + g                  (v = g in the first step)
//   theta <- theta - lr v          (Nesterov: theta - lr (g + mu v))
// The learning rate is not part of the velocity v. Sutskever et al., "On the importance of initialization and momentum
// in deep learning", ICML 2013, include it; the two differ once the rate changes.

#include "engine/base/on_device.h"
#include "layers/block.h"

namespace mneme {

/// The constants of SGD.
struct SgdOptions {
  double momentum = 0;      ///< mu, in [0, 1)
  double weight_decay = 0;  ///< wd, >= 0; applies to everything in the block, also to batch norm and biases
  bool nesterov = false;    ///< Nesterov's form
};

/// The velocity of each parameter, flat, under the parameter's name.
using NamedMomentum = std::vector<std::pair<std::string, Tensor>>;

/// SGD over one block of parameters.
class Sgd {
 public:
  /// The velocity is zero at first. The block must outlive the optimiser. Throws Error for options outside their
  /// ranges.
  Sgd(ParameterBlock& block, SgdOptions options);
  /// One update from the block's gradients, which are first multiplied by `gradient_scale` (for clipping).
  void step(double learning_rate, double gradient_scale = 1.0);
  /// A step whose two numbers are scalars of the block's type on the device, so that a graph launch uses their present
  /// values (engine/capture.h). If `loss` is given and is not a finite number, nothing changes.
  void step(const Tensor& learning_rate, const Tensor& gradient_scale, const Tensor& loss = {});
  /// The options given.
  const SgdOptions& options() const { return options_; }
  /// The velocity of the whole block, for checkpoints; undefined without momentum.
  const Tensor& velocity() const { return velocity_; }
  /// Continues with a saved velocity. Throws Error unless it has the shape of the block; without momentum it must be
  /// undefined.
  void restore(const Tensor& velocity);
  /// A copy of the velocity by parameter; empty without momentum.
  NamedMomentum momentum() const;
  /// Continues with the velocity that another optimiser had for parameters of the same name and size. The velocity of
  /// other parameters does not change.
  void take_over(const NamedMomentum& momentum);

 private:
  ParameterBlock& block_;
  SgdOptions options_;
  Tensor velocity_;
};

/// The factor min(1, limit / (norm + 1e-6)) that reduces a gradient of this norm to the norm `limit`, as in PyTorch's
/// clip_grad_norm_; 1 if the norm is NaN.
ON_DEVICE inline double clip_scale(double norm, double limit) {
  const double factor = limit / (norm + 1e-6);
  return factor < 1 ? factor : 1.0;
}
/// Computes that factor on the device. `squares` is the square of the norm, and the factor is written to `factor`. Both
/// are scalars of one type, f32 or f64; other types throw Error.
void clip_scale(const Tensor& squares, double limit, const Tensor& factor);

}  // namespace mneme
