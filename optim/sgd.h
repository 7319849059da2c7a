#pragma once
// Stochastic gradient descent as PyTorch defines it:
//   g <- g + wd theta      v <- mu v + g (v = g on the first step)      theta <- theta - lr v   (Nesterov: lr (g + mu
//   v))
// The learning rate stays outside the velocity; Sutskever et al. 2013 put it inside, which differs once the rate
// changes.

#include "engine/base/on_device.h"
#include "layers/block.h"

namespace mneme {

struct SgdOptions {
  double momentum = 0;
  double weight_decay = 0;  ///< applies to everything in the block: batch norm and biases too
  bool nesterov = false;
};

/// What SGD carries from step to step, parameter by parameter, each flat under its name.
using NamedMomentum = std::vector<std::pair<std::string, Tensor>>;

class Sgd {
 public:
  /// Momentum starts from zero. The block must outlive the optimiser.
  Sgd(ParameterBlock& block, SgdOptions options);
  /// One update from the block's gradients, multiplied by `gradient_scale` first (clipping).
  void step(double learning_rate, double gradient_scale = 1.0);
  /// The same with both numbers where the weights are (scalars of the block's type): a captured step reads what they
  /// are then (engine/capture.h). With a `loss`, nothing changes unless that is a finite number.
  void step(const Tensor& learning_rate, const Tensor& gradient_scale, const Tensor& loss = {});
  const SgdOptions& options() const { return options_; }
  /// The velocity, for checkpoints; undefined without momentum.
  const Tensor& velocity() const { return velocity_; }
  /// Goes on with a saved velocity. Throws unless its shape is the block's, and none is given exactly without momentum.
  void restore(const Tensor& velocity);
  /// A copy of the velocity; empty without momentum.
  NamedMomentum momentum() const;
  /// Goes on with what another optimiser had for parameters of the same name and size; the others' stays.
  void take_over(const NamedMomentum& momentum);

 private:
  ParameterBlock& block_;
  SgdOptions options_;
  Tensor velocity_;
};

/// The factor min(1, limit / (norm + 1e-6)) that brings a gradient of this norm down to `limit`; 1 for a norm that is
/// not a number.
ON_DEVICE inline double clip_scale(double norm, double limit) {
  const double factor = limit / (norm + 1e-6);
  return factor < 1 ? factor : 1.0;
}
/// The same on the device: `squares` is the norm's square; writes `factor`. Scalars of one type.
void clip_scale(const Tensor& squares, double limit, const Tensor& factor);

}  // namespace mneme
