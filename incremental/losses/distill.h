#pragma once
// Distillation terms: how the old model's answers are kept. Names of Rethinking softmax in incremental learning
// (spec: distillation 9.5); all act on every image of the batch and are silent in the first task.

#include "incremental/losses/term.h"

namespace mneme {

struct DistillOptions {
  double temperature = 2;
  double eps = 1e-5;     ///< smoothing of the student's probabilities; 0 for none
  bool squared = false;  ///< multiply by T^2 (Hinton et al.; Balanced softmax). FACIL and BiC leave it out
};

/// J = KD(Z_<t, Zh_<t): all old classes in one softmax.
TermPointer joint_distillation(const DistillOptions& options);

/// S = sum over old tasks i of KD(z^i, zh^i): one softmax per task, so that the levels of tasks against each other do
/// not matter. A sum, not a mean: its weight grows with the number of tasks.
TermPointer separated_distillation(const DistillOptions& options);

/// Bn = sum over old tasks i of BKD(z^i, zh^i): every logit by itself, so that levels cannot drift.
TermPointer binary_distillation_per_task();

}  // namespace mneme
