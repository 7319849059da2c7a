#include "incremental/protocol/saved_rule.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"

namespace mneme {

std::vector<double> softmax_of(std::span<const float> logits) {
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<double> p;
  double total = 0;
  for (const float z : logits) total += p.emplace_back(std::exp(z - most));
  for (double& x : p) x /= total;
  return p;
}

RulePointer saved_rule(const std::string& name) {
  for (const RulePointer& rule :
       {largest_logit(), multi_softmax(), nearest_mean(), rectified_scores(), rectified_scores({.of_logits = true})})
    if (rule->name() == name) return rule;
  fail("unknown prediction rule '{}'; use the version that wrote it", name);
}

std::vector<double> probabilities_by(const PredictionRule& rule, const ClassScores& scores) {
  if (rule.name() != rectified_scores()->name()) return softmax_of(scores);
  double total = 0;
  for (const float score : scores) total += score;
  std::vector<double> p;
  for (const float score : scores) p.push_back(score / total);
  return p;
}

}  // namespace mneme
