#include "incremental/protocol/prediction_rule.h"

#include <algorithm>
#include <cmath>

#include "engine/base/suggest.h"

namespace mneme {
namespace {

class LargestLogit final : public PredictionRule {
 public:
  std::string name() const override { return "logits"; }
};

class MultiSoftmax final : public PredictionRule {
 public:
  std::string name() const override { return "multi-softmax"; }

  ClassScores among_all(const ImageOutput& output, const std::vector<int>& task_sizes) const override {
    ClassScores scores(output.logits.begin(), output.logits.end());
    auto begin = scores.begin();
    for (const int size : task_sizes) {
      const auto end = begin + size;
      const float most = *std::max_element(begin, end);
      double total = 0;
      for (auto z = begin; z != end; ++z) total += std::exp(*z - most);
      for (auto z = begin; z != end; ++z) *z = static_cast<float>(*z - most - std::log(total));
      begin = end;
    }
    return scores;
  }
};

}  // namespace

ClassScores PredictionRule::among_all(const ImageOutput& output, const std::vector<int>&) const {
  return inside_task(output);
}

ClassScores PredictionRule::inside_task(const ImageOutput& output) const {
  return {output.logits.begin(), output.logits.end()};
}

RulePointer largest_logit() { return std::make_shared<LargestLogit>(); }
RulePointer multi_softmax() { return std::make_shared<MultiSoftmax>(); }

RulePointer rule_named(const std::string& name) {
  constexpr std::pair<const char*, RulePointer (*)()> rules[] = {
      {"logits", largest_logit}, {"multi-softmax", multi_softmax}, {"nearest-mean", [] { return nearest_mean(); }}};
  return choose_by_name("prediction rule", name, rules)();
}

}  // namespace mneme
