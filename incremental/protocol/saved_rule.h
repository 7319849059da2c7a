#pragma once
// Prediction rules of models that were trained before: the rule of a name, and what its scores mean.

#include "incremental/protocol/prediction_rule.h"

namespace mneme {

/// The rule whose name() is this, without what it has learned: rules of one name predict alike if they keep the same
/// numbers. Throws Error for a name that no rule has.
RulePointer saved_rule(const std::string& name);

/// exp(z_i) / sum_j exp(z_j), in double precision. `logits` is not empty.
std::vector<double> softmax_of(std::span<const float> logits);

/// Probabilities, (classes), of scores that `rule` gave to an image among all classes: positive, with the sum 1, and in
/// the same order. Rectified probabilities are divided by their sum; other scores pass through a softmax. For scores
/// that are minus a squared distance this is the softmax of Snell et al., "Prototypical Networks for Few-shot
/// Learning", NeurIPS 2017, eq. 2.
std::vector<double> probabilities_by(const PredictionRule& rule, const ClassScores& scores);

}  // namespace mneme
