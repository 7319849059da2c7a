#pragma once
// Losses as free functions. Each comment states the formula, its source, and where the paper and its released code
// differ. Notation: B images in the batch, b an image, j a class, z the student's logits and zh the teacher's, y the
// label. Every loss is a scalar and a mean over the batch unless stated otherwise. No gradient flows into the teacher.
// All functions throw Error if the shapes of their arguments do not match, and labels must be i32.

#include "engine/ops.h"

namespace mneme {

/// L = mean_b [ logsumexp_j z_bj - z_{b,y_b} ]
///   dL/dz = (softmax(z) - onehot(y)) / B
/// logits (N, K), labels i32 (N).
Tensor cross_entropy(const Tensor& logits, const Tensor& labels);

/// Balanced softmax: L = mean_b -log q_{b,y} with q = softmax(z + log lambda)
///   dL/dz = (q - onehot(y)) / B
/// log_weights (K) holds log lambda_k with lambda_k = n_k (alpha n_k for old classes); -inf leaves a class out. An
/// undefined log_weights means cross_entropy(). Predictions use z alone. Balanced Softmax Cross-Entropy for Incremental
/// Learning: docs/methods/balanced-softmax.md#balanced-softmax-cross-entropy.
Tensor balanced_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& log_weights);

/// Loss rescaling with weights w (K): L = mean_b w[y_b] CE_b
///   dL/dz = w[y_b] (softmax(z) - onehot(y)) / B
/// docs/methods/balanced-softmax.md#bias-corrections-of-table-4.
Tensor weighted_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& weights);

/// Separated softmax: for images of new classes, cross-entropy over the classes from `old_classes` on; for images of
/// old classes, cross-entropy over the classes below `old_classes`. The mean is over all images. The gradient of an
/// image is exactly 0 at the logits of the other group. logits (N, K), labels i32 (N). Ahn et al., "SS-IL", ICCV 2021,
/// eq. 3: docs/methods/ss-il.md#separated-softmax.
Tensor separated_cross_entropy(const Tensor& logits, const Tensor& labels, int64_t old_classes);

/// Soft distillation:
///   KD_{T,eps} = mean_b -sum_j q_bj ln pt_bj,  p = softmax(z/T), q = softmax(zh/T), pt_j = (p_j + eps/n) / (1 + eps)
///   dKD/dz = (p - q) / (T B) for eps = 0
/// The sum runs over the n classes, there is no factor T^2, and the teacher's entropy is not subtracted, as in
/// Rethinking softmax and FACIL: docs/methods/rethinking-softmax.md#soft-distillation. A caller who wants Hinton's T^2
/// multiplies by it. student and teacher (N, K). Throws Error unless temperature > 0 and eps >= 0.
Tensor distillation(const Tensor& student, const Tensor& teacher, double temperature, double eps = 0);

/// KL_T = mean_b sum_j q_bj ln(q_bj / p_bj) with p and q as in distillation(): the same loss minus the teacher's
/// entropy, with the same gradient. It is 0 where student and teacher agree. Throws Error unless temperature > 0.
Tensor divergence(const Tensor& student, const Tensor& teacher, double temperature);

/// Binary distillation: BKD = mean over all B n entries of softplus(z) - s z with s = sigmoid(zh)
///   dBKD/dz = (sigmoid(z) - s) / (B n)
/// Each logit is compared on its own, so the minimum z = zh is unique:
/// docs/methods/rethinking-softmax.md#binary-distillation. student and teacher (N, n).
Tensor binary_distillation(const Tensor& student, const Tensor& teacher);

/// Binary prediction: BPL = mean over all B n entries of softplus(z_bj) - onehot(y_b)_j z_bj. logits (N, n), labels i32
/// (N). Column 0 is class `first`; an image whose label has no column is a negative example of every column.
/// docs/methods/rethinking-softmax.md#binary-prediction.
Tensor binary_prediction(const Tensor& logits, const Tensor& labels, int64_t first = 0);

/// Less-forget: LF = mean_b [ 1 - cos(f_b, fh_b) ] for features (N, D) of student and teacher; their lengths have no
/// effect. Hou et al., "Learning a Unified Classifier Incrementally via Rebalancing", CVPR 2019, eq. 6; POD-flat of
/// PODNet. docs/methods/lucir.md#loss.
Tensor cosine_distance(const Tensor& student, const Tensor& teacher);

/// Mean over all B n entries of -(q ln p + (1 - q) ln(1 - p)) with p = softmax(z/T), q = softmax(zh/T): FACIL's EEIL
/// compares two heads in this way (docs/methods/eeil.md#departures). The arguments of the logarithms are at least
/// 1e-37. student and teacher (N, n).
Tensor binary_distillation_of_softmax(const Tensor& student, const Tensor& teacher, double temperature);

/// AD = mean_b sum_xy | Qt/||Qt|| - Qs/||Qs|| | for attention maps Q (N, H W) >= 0 of student and teacher. Where the
/// maps agree, the gradient is 0. Dhar et al., "Learning without Memorizing", CVPR 2019, eq. 2:
/// docs/methods/lwm.md#attention-distillation.
Tensor attention_distance(const Tensor& student, const Tensor& teacher);

/// The attention map Q = max(0, sum_k alpha_k A_k) of each image: features A (N, C, H, W), alpha (N, C), result (N, H
/// W). Grad-CAM: Selvaraju et al., ICCV 2017, eq. 2.
Tensor attention_map(const Tensor& features, const Tensor& alpha);

/// POD-spatial of one feature map: mean_b || v(A_b)/||v(A_b)|| - v(Ah_b)/||v(Ah_b)|| ||, where v holds the energies of
/// all rows and columns (strip_energies()). Maps (N, C, H, W) of student and teacher; their signs and overall scales
/// have no effect. Where the directions agree, the gradient is 0. Douillard et al., "PODNet", ECCV 2020, eq. 3, in the
/// form of the released code: the norm is not squared, and rows and columns are normalised together.
/// docs/methods/podnet.md#pod-spatial.
Tensor pod_spatial(const Tensor& student, const Tensor& teacher);

/// Like pod_spatial(), but rows and columns are normalised separately and the two distances are added: PODNet in
/// SS-IL's code, docs/methods/ss-il.md#podnet.
Tensor pod_spatial_apart(const Tensor& student, const Tensor& teacher);

/// Topology: TPL = -sum c_ij ch_ij / (||c|| ||ch||) over i < j with c = s - mean s and ch = sh - mean sh: minus
/// Pearson's correlation of the similarities s of the student and sh of the teacher, symmetric matrices (V, V). The
/// value is in [-1, 1] and does not change under s -> a s + b with a > 0. It is 0 if s or sh is constant, and for fewer
/// than three vertices, where the correlation has no meaning. Tao et al., "TPCIL", ECCV 2020:
/// docs/methods/tpcil.md#loss.
Tensor topology(const Tensor& student, const Tensor& teacher);

/// NCA = mean_b max(0, m - u_y + log sum_{k != y} e^{u_k}) for logits u (N, K), labels i32 (N) and a margin m (1).
/// PODNet, eq. 5, with m = eta delta: docs/methods/podnet.md#nca.
Tensor nca(const Tensor& logits, const Tensor& labels, const Tensor& margin);

/// NCA in the form of PODNet's released code: mean_b -u_y + log(sum_{k != y} e^{u_k} + e^{max_k u_k}). The code
/// subtracts the margin from all logits, so that it cancels; there is no max(0, .); and the code does not leave the
/// label out of the sum but puts the largest logit in its place. The loss equals cross-entropy where the label has the
/// largest logit. docs/methods/podnet.md#departures.
Tensor nca_as_released(const Tensor& logits, const Tensor& labels);

/// mean_b sum_j (z_bj - zh_bj)^2 for student and teacher (N, K)
///   dL/dz = 2 (z - zh) / B
Tensor squared_distance(const Tensor& student, const Tensor& teacher);

/// Margin ranking: MR = 1/(h K) sum over the h images b of old classes, and over the K largest scores s_b,k of new
/// classes, of max(0, m - s_b[y_b] + s_b,k); 0 if h = 0. cosines (N, classes), labels i32 (N). Classes below
/// `old_classes` are old; K = min(hardest, new classes). Hou et al. 2019, eq. 8: docs/methods/lucir.md#loss.
Tensor margin_ranking(const Tensor& cosines, const Tensor& labels, int64_t old_classes, double margin, int64_t hardest);

}  // namespace mneme
