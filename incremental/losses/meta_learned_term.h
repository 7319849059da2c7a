#pragma once
// A loss term with a parameter that is learned together with the weights. At intervals the parameter takes a gradient
// step on the loss of balanced held-out images after the next step of the weights (Note [Meta-gradient]).

#include <optional>

#include "incremental/losses/term.h"

namespace mneme {

/// A loss term with one learned parameter.
class MetaLearnedTerm : public LossTerm {
 public:
  MetaLearnedTerm* meta_learned() final { return this; }
  /// The current value of the parameter.
  virtual double number() const = 0;
  /// The derivative of dL/dZ by the parameter, (N, K): how the parameter changes the gradient of this term by the
  /// logits Z.
  virtual Tensor mixed_derivative(const BatchView& batch) const = 0;
  /// Takes a step against `derivative`, which is dM/d(number), as meta_gradient() computes it.
  virtual void learn(double derivative) = 0;
};

/// The constants of Adam (Kingma and Ba, ICLR 2015), named as in PyTorch.
struct AdamOptions {
  double beta1 = 0.9,  ///< how much of the mean of derivatives is kept, in [0, 1)
      beta2 = 0.999,   ///< how much of the mean of their squares is kept, in [0, 1)
      eps = 1e-8;      ///< added to the root of the latter, > 0
};

/// Options of learned_balanced_softmax().
struct LearnedAlphaOptions {
  double lr = 0.01;                                 ///< learning rate of alpha
  std::optional<AdamOptions> adam = AdamOptions{};  ///< not set: plain gradient steps
  double least = 1e-3,                              ///< lower bound of alpha
      most = 10.0;                                  ///< upper bound of alpha
};
/// Balanced softmax whose factor alpha on the counts of old classes is learned. Every task starts with alpha = 1, and
/// Adam with nothing gathered. Meta-BalancedS-CE, algorithm 1 of the paper:
/// docs/methods/balanced-softmax.md#meta-balanceds-ce. Throws Error unless lr >= 0, 0 < least <= 1 <= most, and Adam's
/// constants lie in their ranges.
TermPointer learned_balanced_softmax(const LearnedAlphaOptions& options = {});

}  // namespace mneme
