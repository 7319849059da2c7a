#pragma once
// Loss terms on quantities other than logits: features, cosines and attention maps.

#include "incremental/losses/term.h"

namespace mneme {

/// LF: keeps the directions of the features. cosine_distance() between the pooled features of student and teacher. Hou
/// et al. 2019, eq. 6: docs/methods/lucir.md#loss.
TermPointer less_forget();

/// POD-spatial: the mean of pod_spatial() over the feature maps of all stages of the backbone. Douillard et al. 2020,
/// eq. 3: docs/methods/podnet.md#pod-spatial. With `apart` it uses pod_spatial_apart().
TermPointer pod_spatial_term(bool apart = false);

/// TPL: keeps the topology of the exemplars. topology() of the cosines between the features of at most `vertices`
/// exemplars, drawn anew in every step, for student and teacher: docs/methods/tpcil.md#loss. The loss is 0 for a batch
/// without such exemplars.
TermPointer topology_term(int vertices);

/// mean_b sum over old classes of (s - sh)^2 for the cosines s of the student and sh of the teacher: LUCIR without
/// less-forget, docs/methods/lucir.md#variants. loss() throws Error unless the classifier has cosines.
TermPointer cosine_mimicking();

/// Options of margin_ranking_term().
struct MarginOptions {
  double margin = 0.5;  ///< m
  int hardest = 2;      ///< K: the number of new classes compared with
  /// The cosines are the logits over the value of their scale, so that the scale has a gradient, as if it stretched the
  /// cosines: docs/methods/ss-il.md#lucir. Otherwise the term does not depend on the scale.
  bool trains_scale = false;
};
/// MR: margin_ranking() of the cosines: images of old classes must be closer to their own class than to the nearest new
/// classes, by a margin. Hou et al. 2019, eq. 8: docs/methods/lucir.md#loss. Active from the second task on; 0 for a
/// batch without old classes. loss() throws Error unless the classifier has cosines.
TermPointer margin_ranking_term(const MarginOptions& options);

/// binary_distillation() of the pooled features, in place of the scores. The released code of LUCIR-BR2 and LUCIR-BSR
/// computes this: docs/methods/lucir.md#variants-in-the-released-code.
TermPointer binary_feature_distillation();

/// AD: attention_distance() between the attention maps of student and teacher, for the old class that the student finds
/// most likely. Dhar et al. 2019 (LwM), eq. 2 and 3: docs/methods/lwm.md#attention-distillation. With pooled features
/// and linear heads, the gradient of the logit of class c by the last feature map is w_c / (H W), so that no second
/// derivative is needed. w is treated as a constant. loss() throws Error unless the classifier has one weight per class
/// and feature.
TermPointer attention_distillation();

/// The attention loss in the form of the reference code: its value has no gradient, each model chooses among all its
/// classes, one mean weight vector (divided by B once more) serves the whole batch, and the maps are not normalised:
/// docs/methods/lwm.md#departures. loss() throws Error unless the classifier has one weight per class and feature.
TermPointer detached_attention();

}  // namespace mneme
