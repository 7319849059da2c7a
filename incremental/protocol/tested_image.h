#pragma once
// The evaluation of a network with a look at every test image.

#include "incremental/protocol/evaluate.h"

namespace mneme {

/// What was predicted for one test image.
struct TestedImage {
  int task = 0;               ///< the task of its class
  size_t index = 0;           ///< its place in the subset of this task
  int label = 0,              ///< its class
      predicted = 0,          ///< the prediction among all classes
      predicted_in_task = 0;  ///< the prediction among the classes of its own task
  bool in_top5 = false;       ///< whether its label is among the five highest scores
  const ClassScores& scores;  ///< of all classes
  const ImageOutput& output;  ///< what the network computed
};
/// Receives every test image, task by task. The references are valid only during the call.
using TestVisitor = std::function<void(const TestedImage& image)>;

/// evaluate(), which passes every image to `visit`. Its features are there if the rule needs them, or if
/// `with_features` is true. `side_rule` may be null, see evaluate().
EvaluationResult evaluate_each(IncrementalNet& net, const ImageSource& set, const std::vector<Subset>& subsets,
                               const PredictionRule& rule, const TestVisitor& visit, bool with_features,
                               const PredictionRule* side_rule = nullptr);

}  // namespace mneme
