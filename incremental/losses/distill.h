#pragma once
// Distillation terms: how the old model's answers are kept. Names of Rethinking softmax in incremental learning
// (docs/methods/rethinking-softmax.md#distillation-terms); all act on every image of the batch and are silent in the
// first task.

#include "incremental/losses/term.h"

namespace mneme {

struct DistillOptions {
  double temperature = 2;
  double eps = 1e-5;      ///< smoothing of the student's probabilities; 0 for none
  bool squared = false;   ///< multiply by T^2 (Hinton et al.; Balanced softmax). FACIL and BiC leave it out
  bool relative = false;  ///< less the teacher's entropy, a constant: the Kullback-Leibler divergence, 0 at the teacher
};

/// J = KD(Z_<t, Zh_<t): all old classes in one softmax.
TermPointer joint_distillation(const DistillOptions& options);

/// S = sum over old tasks i of KD(z^i, zh^i): one softmax per task, so that the levels of tasks against each other do
/// not matter. A sum, not a mean: its weight grows with the number of tasks.
TermPointer separated_distillation(const DistillOptions& options);

/// Bn = sum over old tasks i of BKD(z^i, zh^i): every logit by itself, so that levels cannot drift.
TermPointer binary_distillation_per_task();

/// Mean over images of the sum over old classes of binary cross-entropy between sigmoids (iCaRL, algorithm 3, second
/// part; docs/methods/icarl.md#loss): N_old times the mean over all logits.
TermPointer binary_distillation_of_all();

/// D_i summed over the old heads: binary cross-entropy between softmaxes, as FACIL's EEIL has it. `skipped` newest of
/// the old heads are left out; the reference's first phase leaves out one.
TermPointer binary_softmax_distillation(double temperature, int skipped);

/// Mean over images and old classes of (z - zh)^2, logits as they are: Buzzega et al., "Dark Experience for General
/// Continual Learning", NeurIPS 2020, eq. 6, for every image. Like Bn it sees levels; its pull grows with the distance.
TermPointer logit_distillation();

/// KD of the newest head from the network as it was when the round of training began (EEIL's second round).
TermPointer newest_head_distillation(const DistillOptions& options);

/// Mean over all B N entries of (Z - Y)^2, Y = logits of the old model for old classes and of the network as it was
/// when the round began for new ones, each block centred: per image over the block's classes, or per class over the
/// batch (Zhang et al. 2020, eq. 4 and 5; docs/methods/dmc.md#double-distillation).
TermPointer double_distillation(bool centred_over_batch);

}  // namespace mneme
