#pragma once
// Note [Meta-gradient]
// A number a in the loss (MetaLearnedTerm) is learned by what it does to the weights. With Z(theta) the logits of a
// batch and J = dZ/dtheta, the gradient of the loss is J^T G(Z, a) + (terms without a), so its derivative by a is J^T V
// with V = dG/da: one more walk down the same tape, no second-order differentiation. The next weights are
//   theta*(a) = theta - rate kappa (J^T G(Z, a) + ...) + (decay and momentum, which know nothing of a)
// with kappa = 1, or 1 + momentum for Nesterov, and the loss M of other images after that step has
//   dM/da = -rate kappa <dM/dtheta at theta*, J^T V>
// "Balanced Softmax Cross-Entropy for Incremental Learning", algorithm 1:
// docs/methods/balanced-softmax.md#look-ahead-derivative. Clipping the whole gradient's norm would break the formula,
// so the look-ahead does without, and without clamping.

#include <functional>

#include "layers/block.h"
#include "optim/sgd.h"

namespace mneme {

/// What a look-ahead needs to know of a training step whose forward pass has been made and whose tape is kept.
struct VirtualStep {
  ParameterBlock& block;
  Sgd& sgd;
  double rate;
  /// Adds J^T V to the block's gradients, and keeps the tape.
  std::function<void()> add_mixed;
  /// Adds the gradient of the whole loss to the block's gradients, and keeps the tape.
  std::function<void()> add_gradient;
  /// M, recorded; must leave running statistics alone.
  std::function<Tensor()> loss_after;
};

/// dM/da. Weights and momentum are afterwards what they were, to the bit; the block's gradients are zero.
double meta_gradient(const VirtualStep& step);

}  // namespace mneme
