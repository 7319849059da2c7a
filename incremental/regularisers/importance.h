#pragma once
// Regularisers that keep the backbone's parameters theta close to theta*, their values after the last task, in
// proportion to their importance w:
//   P = strength/2 sum_k w_k (theta_k - theta*_k)^2
// They differ in how w is computed. Heads are not regularised: docs/methods/importance-regularisers.md#penalty.

#include "incremental/regularisers/regulariser.h"

namespace mneme {

/// The label whose log-likelihood the Fisher information differentiates.
enum class FisherLabels {
  predicted,  ///< the network's prediction
  truth,      ///< the label of the image
  drawn       ///< one draw from the network's probabilities
};
/// The kind called "predicted", "true" or "drawn". Throws UsageError for other names; the message lists these.
FisherLabels fisher_labels_named(const std::string& name);
/// The name that fisher_labels_named() accepts.
const char* name_of(FisherLabels labels);

/// Options of all importance regularisers.
struct ImportanceOptions {
  double strength = 1;  ///< factor of the penalty
  double alpha = 0.5;   ///< the weight of the earlier importance when the new task's is added; -1: N_old / N
  /// EWC: which labels
  FisherLabels labels = FisherLabels::predicted;
  int images = 0;        ///< number of images used for the importance; 0: all
  double damping = 0.1;  ///< xi: keeps path importances finite for parameters that did not move
  /// As in FACIL's code: squares (or sizes) of gradients of batch means, training mode, augmentation, complete batches
  /// only.
  bool as_released = false;
};

/// EWC: w = F, the diagonal of the Fisher information, the mean over the task's images b of (d log p(y_b | x_b) / d
/// theta)^2. Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", PNAS 2017, eq. 3:
/// docs/methods/importance-regularisers.md#ewc.
RegulariserPointer fisher_penalty(const ImportanceOptions& options);

/// MAS: w = Omega, the mean over images of |d ||Z||^2 / d theta| for the logits Z; if as_released, of |d ||Z|| / d
/// theta|. Aljundi et al., "Memory Aware Synapses", ECCV 2018, eq. 2: docs/methods/importance-regularisers.md#mas.
RegulariserPointer sensitivity_penalty(const ImportanceOptions& options);

/// SI: w = sum over tasks of path / ((theta - theta*)^2 + xi), with path = -sum over steps of gradient times update:
/// how much each parameter contributed to the decrease of the loss. A return to the best model also restores the path,
/// unless as_released. Zenke et al., "Continual Learning Through Synaptic Intelligence", ICML 2017, eq. 4 and 5:
/// docs/methods/importance-regularisers.md#si.
RegulariserPointer path_penalty(const ImportanceOptions& options);

/// RWalk: w = F + s, the Fisher information and the path score of the cross-entropy over all heads. F is a moving
/// average taken during training. s is the sum of ReLU(path / (F (theta - theta')^2 / 2 + xi)) over stretches of ten
/// steps, where theta' are the parameters at the stretch's start. Both are scaled to [0, 1], and s is averaged with its
/// value of earlier tasks. If as_released: F as in fisher_penalty(), one stretch per task, no factor 1/2 and no
/// scaling. Chaudhry et al., "Riemannian Walk for Incremental Learning", ECCV 2018, eq. 8 to 10:
/// docs/methods/importance-regularisers.md#rwalk.
RegulariserPointer walk_penalty(const ImportanceOptions& options);

}  // namespace mneme
