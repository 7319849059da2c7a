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
/// Balanced Softmax Cross-Entropy for Incremental Learning; spec: rebalancing 2.2. Predictions use z alone.
Tensor balanced_cross_entropy(const Tensor& logits, const Tensor& labels, const Tensor& log_weights);

/// KD_{T,eps} = mean_b -sum_j q_bj ln pt_bj,  p = softmax(z/T), q = softmax(zh/T), pt_j = (p_j + eps/n) / (1 + eps).
/// Sum over the n classes, no factor T^2, the teacher's entropy not subtracted: Rethinking softmax and FACIL
/// (spec: distillation 9.2). Gradient for eps = 0: (p - q) / (T B). Hinton's T^2 is the caller's weight.
Tensor distillation(const Tensor& student, const Tensor& teacher, double temperature, double eps = 0);

/// BKD = mean over all B n entries of softplus(z) - s z,  s = sigmoid(zh)          dL/dz = (sigmoid(z) - s) / (B n)
/// Binary distillation, logit by logit: its minimum z = zh is unique (spec: distillation 9.3).
Tensor binary_distillation(const Tensor& student, const Tensor& teacher);

/// BPL = mean over all B n entries of softplus(z_bj) - onehot(y_b)_j z_bj (spec: distillation 9.4).
Tensor binary_prediction(const Tensor& logits, const Tensor& labels);

}  // namespace mneme
