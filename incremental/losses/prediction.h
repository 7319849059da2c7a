#pragma once
// Prediction losses: how the labels are learned.

#include "incremental/losses/term.h"

namespace mneme {

/// The current task's loss, Cur of docs/methods/facil-survey.md#current-task-loss: cross-entropy over the newest head
/// with local labels while there are no exemplars, over all heads once there are. `all_heads` makes it always the
/// latter.
TermPointer current_cross_entropy(bool all_heads = false);

/// Cross-entropy of the newest head's unscaled cosines, with local labels: LUCIR's warm-up.
TermPointer current_cross_entropy_of_cosines();

/// Cross-entropy over all classes seen.
TermPointer joint_cross_entropy();

struct BinaryPredictionOptions {
  bool all_heads = false;          ///< over all heads, without exemplars too
  bool from_second_task = false;   ///< silent in the first task
  bool without_exemplars = false;  ///< silent once there are exemplars, as the released code of LwF-BR2
};
/// BPL over the newest head with local labels; over all heads once there are exemplars:
/// docs/methods/rethinking-softmax.md#binary-prediction.
TermPointer binary_prediction_term(const BinaryPredictionOptions& options = {});

/// Mean over images of the sum over new classes c of binary cross-entropy between sigmoid(z_c) and [y = c]; images of
/// old classes are no new class's. Rebuffi et al., "iCaRL", CVPR 2017, algorithm 3, first part.
TermPointer binary_classification();

/// Balanced softmax with lambda_k = n_k, times alpha for old classes: docs/methods/balanced-softmax.md#alpha.
TermPointer balanced_softmax(double alpha = 1.0);
/// log lambda_k of that up to a constant, (classes); -inf for a class without images.
Tensor log_class_weights(const TaskContext& task, double alpha);
/// True if the task has equally many images of every class.
bool equal_counts(const TaskContext& task);

/// Cross-entropy over all classes seen, weighed so that every class counts the same:
/// docs/methods/balanced-softmax.md#bias-corrections-of-table-4.
TermPointer rescaled_cross_entropy();

/// Separated softmax: old classes and new ones each among themselves. SS-IL, eq. 3;
/// docs/methods/ss-il.md#separated-softmax.
TermPointer separated_softmax();

/// NCA of logits eta s with margin eta delta, for cosine and proxy heads, whose scale is eta (PODNet, eq. 5):
/// docs/methods/podnet.md#nca.
/// The margin's eta is taken as a constant: with its gradient, eta would at first fall below zero, where all margins
/// are met.
TermPointer nca_term(double delta);
/// nca_as_released(), of any classifier.
TermPointer nca_term_as_released();

}  // namespace mneme
