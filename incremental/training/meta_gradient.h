#pragma once
// Note [Meta-gradient]
// A parameter a of the loss (MetaLearnedTerm) is learned by its effect on the next weights. Let Z(theta) be the logits
// of a batch, J = dZ/dtheta, and G(Z, a) the gradient of the loss by Z. The gradient of the loss by theta is J^T G(Z,
// a) + (terms without a), so its derivative by a is J^T V with V = dG/da: one more backward pass over the same tape,
// without second-order differentiation. The next weights are
//   theta*(a) = theta - rate kappa (J^T G(Z, a) + ...) + (weight decay and momentum, which do not depend on a)
// with kappa = 1, or 1 + momentum for Nesterov. For the loss M of other images after that step,
//   dM/da = -rate kappa <dM/dtheta at theta*, J^T V>
// "Balanced Softmax Cross-Entropy for Incremental Learning", algorithm 1:
// docs/methods/balanced-softmax.md#meta-gradient-derivative. Gradient clipping would make the formula wrong, so the
// meta-gradient is computed without it.

#include <functional>

#include "layers/block.h"
#include "optim/sgd.h"

namespace mneme {

/// A training step whose forward pass is done and whose tape is kept, as input of meta_gradient().
struct VirtualStep {
  ParameterBlock& block;  ///< the parameters of the step
  Sgd& sgd;               ///< the optimiser of the step
  double rate;            ///< the learning rate of the step
  /// Adds J^T V to the block's gradients and keeps the tape.
  std::function<void()> add_mixed;
  /// Adds the gradient of the whole loss to the block's gradients and keeps the tape.
  std::function<void()> add_gradient;
  /// Computes M with gradients. It must not change running statistics.
  std::function<Tensor()> loss_after;
};

/// dM/da. Weights and momentum are restored exactly, and the block's gradients are zero afterwards.
double meta_gradient(const VirtualStep& step);

}  // namespace mneme
