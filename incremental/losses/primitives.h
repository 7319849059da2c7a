#pragma once
// Losses as free functions of logits: formula, source, and where paper and code differ. All are means over the batch.
// No gradient flows into a teacher.

#include "engine/ops.h"

namespace mneme {

/// L = mean_b [ logsumexp_j z_bj - z_{b,y_b} ]            dL/dz = (softmax(z) - onehot(y)) / B
/// logits (N, K), labels i32 (N).
Tensor cross_entropy(const Tensor& logits, const Tensor& labels);

/// Balanced softmax: L = mean_b -log q_{b,y}, q = softmax(z + log lambda).        dL/dz = (q - onehot(y)) / B
/// log_weights (K) = log lambda_k, lambda_k = n_k (alpha n_k for old classes); -inf leaves a class out.
/// Balanced Softmax Cross-Entropy for Incremental Learning:
/// docs/methods/balanced-softmax.md#balanced-softmax-cross-entropy. Predictions use z alone.
Tensor balanced_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& log_weights);

/// mean_b w[y_b] CE_b: loss rescaling, with weights w (K).                         dL/dz = w[y_b] (p - onehot(y)) / B
/// docs/methods/balanced-softmax.md#bias-corrections-of-table-4.
Tensor weighted_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& weights);

/// Separated softmax: cross-entropy over the classes from `old_classes` on for images of those, over the classes before
/// for images of these; the mean is over all images. Ahn et al., "SS-IL", ICCV 2021, eq. 3.
/// docs/methods/ss-il.md#separated-softmax. An image's gradient is exactly 0 at the other side's logits.
Tensor separated_cross_entropy(const Tensor& logits, const Tensor& labels, int64_t old_classes);

/// KD_{T,eps} = mean_b -sum_j q_bj ln pt_bj,  p = softmax(z/T), q = softmax(zh/T), pt_j = (p_j + eps/n) / (1 + eps).
/// Sum over the n classes, no factor T^2, the teacher's entropy not subtracted: Rethinking softmax and FACIL
/// (docs/methods/rethinking-softmax.md#soft-distillation). Gradient for eps = 0: (p - q) / (T B). Hinton's T^2 is the
/// caller's weight.
Tensor distillation(const Tensor& student, const Tensor& teacher, double temperature, double eps = 0);

/// KL_T = mean_b sum_j q_bj ln(q_bj / p_bj): distillation() less the teacher's entropy, with the same gradient; 0 where
/// they agree.
Tensor divergence(const Tensor& student, const Tensor& teacher, double temperature);

/// BKD = mean over all B n entries of softplus(z) - s z,  s = sigmoid(zh)          dL/dz = (sigmoid(z) - s) / (B n)
/// Binary distillation, logit by logit: its minimum z = zh is unique:
/// docs/methods/rethinking-softmax.md#binary-distillation.
Tensor binary_distillation(const Tensor& student, const Tensor& teacher);

/// BPL = mean over all B n entries of softplus(z_bj) - onehot(y_b)_j z_bj:
/// docs/methods/rethinking-softmax.md#binary-prediction. Column 0 is class `first`; a label without a column is no
/// class's image.
Tensor binary_prediction(const Tensor& logits, const Tensor& labels, int64_t first = 0);

/// LF = mean_b [ 1 - cos(f_b, fh_b) ]: Hou et al., "Learning a Unified Classifier Incrementally via Rebalancing", CVPR
/// 2019, eq. 6 (less-forget); POD-flat of PODNet. Features (N, D). Lengths do not matter.
Tensor cosine_distance(const Tensor& student, const Tensor& teacher);

/// Mean over all B n entries of -(q ln p + (1 - q) ln(1 - p)), p = softmax(z/T), q = softmax(zh/T): how FACIL's EEIL
/// compares two heads (docs/methods/eeil.md#departures). Logarithms are of no less than 1e-37.
Tensor binary_distillation_of_softmax(const Tensor& student, const Tensor& teacher, double temperature);

/// AD = mean_b sum_xy | Qt/||Qt|| - Qs/||Qs|| |, maps Q (N, H W) >= 0: Dhar et al., "Learning without Memorizing", CVPR
/// 2019, eq. 2. Where the maps agree the gradient is taken to be 0.
Tensor attention_distance(const Tensor& student, const Tensor& teacher);

/// Q = max(0, sum_k alpha_k A_k) per image: features A (N, C, H, W), alpha (N, C) -> (N, H W). Grad-CAM: Selvaraju et
/// al., ICCV 2017, eq. 2.
Tensor attention_map(const Tensor& features, const Tensor& alpha);

/// POD-spatial of one map: mean_b || v(A_b)/||v(A_b)|| - v(Ah_b)/||v(Ah_b)|| ||, v the energies of all rows and columns
/// (strip_energies). Maps (N, C, H, W); their signs and sizes do not matter. Where the directions agree the gradient is
/// taken to be 0. Douillard et al., "PODNet", ECCV 2020, eq. 3, as released: the norm is not squared, and rows and
/// columns are normalised together.
Tensor pod_spatial(const Tensor& student, const Tensor& teacher);

/// The same with rows and columns each normalised by themselves, and their two distances added: SS-IL's PODNet.
Tensor pod_spatial_apart(const Tensor& student, const Tensor& teacher);

/// TPL = -sum c_ij ch_ij / (||c|| ||ch||) over i < j, c = s - mean s and ch = sh - mean sh: minus Pearson's correlation
/// of the similarities s and sh, symmetric (V, V). Tao et al., "TPCIL", ECCV 2020: docs/methods/tpcil.md#loss.
/// In [-1, 1]; a s + b with a > 0 does not change it. 0 where s or sh does not vary, and for fewer than three vertices:
/// two points always correlate.
Tensor topology(const Tensor& student, const Tensor& teacher);

/// NCA = mean_b max(0, m - u_y + log sum_{k != y} e^{u_k}) for logits u (N, K), labels i32 (N) and a margin m (1):
/// PODNet, eq. 5, with m = eta delta.
Tensor nca(const Tensor& logits, const Tensor& labels, const Tensor& margin);

/// The same as PODNet's code computes it: mean_b -u_y + log(sum_{k != y} e^{u_k} + e^{max_k u_k}). The margin is taken
/// from all logits, and so cancels; there is no max(0, .); and instead of leaving the label out of the sum the code
/// puts the largest logit in its place. Cross-entropy where the label is the likeliest.
Tensor nca_as_released(const Tensor& logits, const Tensor& labels);

/// mean_b sum_j (z_bj - zh_bj)^2                                                            dL/dz = 2 (z - zh) / B
Tensor squared_distance(const Tensor& student, const Tensor& teacher);

/// MR = 1/(h K) sum over images b of old classes, and over the K largest scores s_b,k of new classes, of
/// max(0, m - s_b[y_b] + s_b,k): Hou et al. 2019, eq. 8. h counts those images; 0 without any. cosines (N, classes),
/// labels i32 (N), classes below `old_classes` are old, K = min(hardest, new classes).
Tensor margin_ranking(const Tensor& cosines, const Tensor& labels, int64_t old_classes, double margin, int64_t hardest);

}  // namespace mneme
