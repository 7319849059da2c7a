#pragma once
// Prediction losses: how the labels are learned.

#include "incremental/losses/term.h"

namespace mneme {

/// The current task's loss, "Cur" of spec distillation 11: cross-entropy over the newest head with local labels while
/// there are no exemplars, over all heads once there are. `all_heads` makes it always the latter.
TermPointer current_cross_entropy(bool all_heads = false);

/// Cross-entropy over all classes seen.
TermPointer joint_cross_entropy();

/// BPL over the newest head with local labels; over all heads once there are exemplars (the reference leaves the term
/// out then). Spec: distillation 9.4 and 11.2.
TermPointer binary_prediction_term();

/// Balanced softmax with lambda_k = n_k, times alpha for old classes: rebalancing 2.2 and 4.
TermPointer balanced_softmax(double alpha = 1.0);

}  // namespace mneme
