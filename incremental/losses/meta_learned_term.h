#pragma once
// A loss term with a number of its own that training learns along with the weights: from time to time the number takes
// a step down the gradient of what the loss on balanced, held-out images would be after the next step of the weights
// (Note [Meta-gradient]).

#include "incremental/losses/term.h"

namespace mneme {

class MetaLearnedTerm : public LossTerm {
 public:
  MetaLearnedTerm* meta_learned() final { return this; }
  virtual double number() const = 0;
  /// d(dL/dZ)/d(number) of a batch, (N, K): what the number changes in the gradient by the logits Z.
  virtual Tensor mixed_derivative(const BatchView& batch) const = 0;
  /// Takes a step against this derivative of the loss after the weights' next step, by the number.
  virtual void learn(double derivative) = 0;
};

struct LearnedAlphaOptions {
  double lr = 1.0;                   ///< step of alpha
  double least = 1e-3, most = 10.0;  ///< where alpha stays
};
/// Balanced softmax whose factor alpha on old classes' counts is learned, from 1 anew in every task:
/// Meta-BalancedS-CE, algorithm 1 of the paper: docs/methods/balanced-softmax.md#meta-balanceds-ce.
TermPointer learned_balanced_softmax(const LearnedAlphaOptions& options = {});

}  // namespace mneme
