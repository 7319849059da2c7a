#pragma once
// Distillation terms: losses that keep the network's outputs close to the teacher's. The letters J, S, Bn and D_i are
// those of "Rethinking softmax in incremental learning" (docs/methods/rethinking-softmax.md#distillation-terms). All
// terms act on every image of the batch. Those that read the teacher are inactive in the first task. Notation: z are
// the logits of the student, zh those of the teacher. A loss() throws Error as the function of primitives.h that it
// names does.

#include "incremental/losses/term.h"

namespace mneme {

/// Options of soft distillation.
struct DistillOptions {
  double temperature = 2;  ///< T
  double eps = 1e-5;       ///< smoothing of the student's probabilities; 0: no smoothing
  bool squared = false;    ///< multiply the loss by T^2 (Hinton et al.; Balanced softmax); FACIL and BiC do not
  /// Use divergence() instead of distillation(), which is 0 where student and teacher agree. It requires eps = 0;
  /// otherwise loss() throws Error.
  bool relative = false;
};

/// J = KD(z of all old classes, zh): one softmax over all old classes. See distillation().
TermPointer joint_distillation(const DistillOptions& options);

/// S = sum over old tasks i of KD(z^i, zh^i): one softmax per task, so that logits of different tasks are not compared.
/// Being a sum, it grows with the number of tasks.
TermPointer separated_distillation(const DistillOptions& options);

/// Bn = sum over old tasks i of BKD(z^i, zh^i): each logit is compared on its own, so that its level is kept. See
/// binary_distillation().
TermPointer binary_distillation_per_task();

/// Mean over images of the sum over old classes of the binary cross-entropy between sigmoid(zh) and sigmoid(z): N_old
/// times binary_distillation(). iCaRL, algorithm 3, second part: docs/methods/icarl.md#loss.
TermPointer binary_distillation_of_all();

/// The sum over old tasks of D_i, the binary cross-entropy between softmax values as in FACIL's EEIL; see
/// binary_distillation_of_softmax(). The `skipped` newest of the old tasks are left out; the reference leaves out one
/// in its first phase.
TermPointer binary_softmax_distillation(double temperature, int skipped);

/// Mean over images and old classes of (z - zh)^2, without a softmax. Buzzega et al., "Dark Experience for General
/// Continual Learning", NeurIPS 2020, eq. 6, applied to every image. Like Bn it keeps the level of each logit; its
/// gradient grows with the distance.
TermPointer logit_distillation();

/// KD between the newest head and the same head of the network at the stage's start (EEIL's second stage):
/// docs/methods/eeil.md#balanced-finetuning.
TermPointer newest_head_distillation(const DistillOptions& options);

/// Mean over all B N entries of (Z - Y)^2. Y holds the teacher's logits for old classes, and for new classes the logits
/// of the network at the stage's start. Each of the two blocks is centred: per image over its classes, or per class
/// over the batch if `centred_over_batch`. Zhang et al. 2020, eq. 4 and 5: docs/methods/dmc.md#double-distillation.
TermPointer double_distillation(bool centred_over_batch);

}  // namespace mneme
