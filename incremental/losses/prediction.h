#pragma once
// Prediction losses: how the labels are learned.

#include "incremental/losses/term.h"

namespace mneme {

/// Cross-entropy of the current task, Cur of docs/methods/facil-survey.md#current-task-loss: over the newest head while
/// the task has no exemplars, over all heads if it has. With `all_heads` it is always over all heads.
TermPointer current_cross_entropy(bool all_heads = false);

/// Cross-entropy over the cosines of the newest head, without the scale: LUCIR's warm-up,
/// docs/methods/protocol.md#warm-up. loss() throws Error unless the classifier has cosines.
TermPointer current_cross_entropy_of_cosines();

/// Cross-entropy over all classes seen: current_cross_entropy(true).
TermPointer joint_cross_entropy();

/// Options of binary_prediction_term().
struct BinaryPredictionOptions {
  bool all_heads = false;          ///< over all heads, even without exemplars
  bool from_second_task = false;   ///< inactive in the first task
  bool without_exemplars = false;  ///< inactive in tasks with exemplars, as in the released code of LwF-BR2
};
/// BPL: binary_prediction() over the newest head while the task has no exemplars, over all heads if it has:
/// docs/methods/rethinking-softmax.md#binary-prediction.
TermPointer binary_prediction_term(const BinaryPredictionOptions& options = {});

/// Mean over images of the sum over new classes c of the binary cross-entropy between sigmoid(z_c) and [y = c]. Images
/// of old classes are negative examples of all new classes. Rebuffi et al., "iCaRL", CVPR 2017, algorithm 3, first
/// part: docs/methods/icarl.md#loss.
TermPointer binary_classification();

/// Balanced softmax with lambda_k = n_k, multiplied by alpha for old classes: docs/methods/balanced-softmax.md#alpha.
/// See balanced_cross_entropy(). Throws Error unless alpha > 0.
TermPointer balanced_softmax(double alpha = 1.0);
/// log lambda_k up to a common constant, (classes); -inf for a class without images.
Tensor log_class_weights(const TaskContext& task, double alpha);
/// True if the task has the same number of images of every class.
bool equal_counts(const TaskContext& task);

/// weighted_cross_entropy() over all classes seen, with weights w_k = |D| / (N n_k) that give every class the same
/// total weight: docs/methods/balanced-softmax.md#bias-corrections-of-table-4.
TermPointer rescaled_cross_entropy();

/// Separated softmax: separated_cross_entropy() with one softmax over the old classes and one over the new classes. Ahn
/// et al., "SS-IL", ICCV 2021, eq. 3: docs/methods/ss-il.md#separated-softmax.
TermPointer separated_softmax();

/// NCA: nca() of the logits eta s with the margin eta delta, for classifiers with a scale eta (cosine and proxy heads).
/// PODNet, eq. 5: docs/methods/podnet.md#nca. In the margin eta is treated as a constant; otherwise training would
/// first make eta negative, where every margin is met. loss() throws Error unless the classifier has a scale.
TermPointer nca_term(double delta);
/// nca_as_released(), for any classifier.
TermPointer nca_term_as_released();

}  // namespace mneme
