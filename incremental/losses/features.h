#pragma once
// Terms that hold what stands behind the logits: features, cosines and where the network looks.

#include "incremental/losses/term.h"

namespace mneme {

/// LF: features keep the directions the old model gives them (Hou et al. 2019, eq. 6; docs/methods/lucir.md#loss).
TermPointer less_forget();

/// POD-spatial: rows and columns of every stage's map keep their shares of the energy. The mean of pod_spatial() over
/// the maps (PODNet, eq. 3; docs/methods/podnet.md#pod-spatial). `apart`: of pod_spatial_apart().
TermPointer pod_spatial_term(bool apart = false);

/// TPL: how exemplars lie to each other is kept. topology() of the cosines between features of up to so many exemplars,
/// other ones in every step, by the network and by the old model: docs/methods/tpcil.md#loss.
TermPointer topology_term(int vertices);

/// mean_b sum over old classes of (s - sh)^2 for the cosines s: LUCIR without less-forget.
TermPointer cosine_mimicking();

/// MR: images of old classes shall be nearer to their class than to the nearest new ones, by a margin (Hou et al. 2019,
/// eq. 8). Acts on cosines, from the second task on; 0 for a batch without old classes.
struct MarginOptions {
  double margin = 0.5;
  int hardest = 2;  ///< K: how many new classes are looked at
};
TermPointer margin_ranking_term(const MarginOptions& options);

/// Binary cross-entropy between sigmoids of student's and teacher's features, mean over images and features: what the
/// code of LUCIR-BR2 and -BSR computes instead of scores': docs/methods/lucir.md#variants-in-the-released-code.
TermPointer binary_feature_distillation();

/// AD: the network keeps looking where the old model looks, for the old class that it finds most likely itself. Dhar et
/// al. 2019, eq. 2 and 3 (LwM). With pooled features and affine heads the gradient of class c's logit with respect to
/// the last map is w_c / (H W), so that no second derivative is needed; w is taken as constant.
TermPointer attention_distillation();

/// The attention term as the reference computes it, a number without gradient: classes among all heads of either model,
/// one weight vector for the whole batch (the mean over it, divided by B once more), maps not normalised:
/// docs/methods/lwm.md#departures.
TermPointer detached_attention();

}  // namespace mneme
