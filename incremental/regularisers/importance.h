#pragma once
// Regularisers that hold the backbone's parameters theta near theta*, where the last task left them, each as strongly
// as it mattered: P = strength/2 sum_k w_k (theta_k - theta*_k)^2. They differ in how the importance w is found. Heads
// are never held: docs/methods/importance-regularisers.md#penalty.

#include "incremental/regularisers/regulariser.h"

namespace mneme {

/// Which label's log-likelihood the Fisher information is taken of.
enum class FisherLabels {
  predicted,  ///< the network's answer
  truth,
  drawn  ///< one draw from the network's probabilities
};
/// "predicted", "true", "drawn". Throws UsageError, listing them.
FisherLabels fisher_labels_named(const std::string& name);
const char* name_of(FisherLabels labels);

struct ImportanceOptions {
  double strength = 1;
  double alpha = 0.5;  ///< how much of the importance before stays when a task's own joins it; -1: N_old / N
  FisherLabels labels = FisherLabels::predicted;
  int images = 0;            ///< how many of the task's images are looked at; 0: all
  double damping = 0.1;      ///< xi: keeps path importances finite where a parameter did not move
  bool as_released = false;  ///< as FACIL's code has it: squares (or sizes) of batch-mean gradients, training mode,
                             ///< augmented images, whole batches only
};

/// w = F, the diagonal of the Fisher information: mean over the task's images b of (d log p(y_b | x_b) / d theta)^2.
/// Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", PNAS 2017, eq. 3 (EWC).
RegulariserPointer fisher_penalty(const ImportanceOptions& options);

/// w = Omega, mean over images of |d ||Z||^2 / d theta| for the logits Z: Aljundi et al., "Memory Aware Synapses", ECCV
/// 2018, eq. 2. As released: of ||Z||, not squared.
RegulariserPointer sensitivity_penalty(const ImportanceOptions& options);

/// w = sum over tasks of path / ((theta - theta*)^2 + xi), path = -sum over steps of gradient times update: how much of
/// the loss's fall each parameter caused. Zenke et al., "Continual Learning Through Synaptic Intelligence", ICML 2017,
/// eq. 4 and 5. A return to the best model takes the path back too, unless as_released.
RegulariserPointer path_penalty(const ImportanceOptions& options);

/// w = F + s: Fisher information and path score of cross-entropy over all heads. Chaudhry et al., "Riemannian Walk for
/// Incremental Learning", ECCV 2018, eq. 8 to 10: F is a moving average gathered while training, s adds up
/// ReLU(path / (F (theta - theta')^2 / 2 + xi)) over stretches of ten steps, both are scaled to [0, 1], s is averaged
/// with the tasks before. As released: F as in fisher_penalty(), one stretch per task, no 1/2, no scaling.
RegulariserPointer walk_penalty(const ImportanceOptions& options);

}  // namespace mneme
