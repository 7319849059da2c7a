#pragma once
// Prediction rules: how a network's answer becomes a class (docs/methods/protocol.md#prediction-rules).

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "incremental/protocol/method_part.h"

namespace mneme {

/// A network's answer to one image.
struct ImageOutput {
  std::span<const float> logits;    // (classes)
  std::span<const float> features;  // (D); empty unless asked for
};

/// One number per class; the largest is the prediction.
using ClassScores = std::vector<float>;

class PredictionRule : public MethodPart {
 public:
  virtual std::string name() const = 0;
  virtual bool needs_features() const { return false; }
  /// For a prediction among all classes seen so far; `task_sizes` are the classes per task.
  virtual ClassScores among_all(const ImageOutput& output, const std::vector<int>& task_sizes) const;
  /// For a prediction inside a task that is known.
  virtual ClassScores inside_task(const ImageOutput& output) const;
};

using RulePointer = std::shared_ptr<PredictionRule>;

/// argmax over all logits.
RulePointer largest_logit();

/// Log-softmax per head first, then argmax over all (FACIL's --multi-softmax).
RulePointer multi_softmax();

struct NearestMeanOptions {
  bool of_all_images = false;  ///< of all images that the task was trained on, rather than of the exemplars
  bool augmented = false;      ///< of images as they are trained on
  bool directions = true;      ///< the means are brought to length one
};
/// argmin_c ||f/||f|| - mu_c||, mu_c the direction of the mean of f/||f|| over the class's exemplars: iCaRL, CVPR 2017,
/// algorithm 1. Without exemplars it is largest_logit().
RulePointer nearest_mean(const NearestMeanOptions& options = {});

/// Scores of old classes c of task o are multiplied by (first_c / now_c) (conf_t / conf_o) where the prediction would
/// be a new class: Belouadah and Popescu, "IL2M", ICCV 2019, eq. 1. first_c, now_c: mean score of class c over its
/// images when it was new, and now; conf_u: mean of the highest score over the images of task u's classes when they
/// were new. Scores are probabilities, which keeps ratios positive. A class whose mean is 0 keeps its score.
struct RectifiedOptions {
  bool of_logits = false;  ///< scores are logits, as in FACIL's code
  bool augmented = false;  ///< means are of images as they are trained on
};
RulePointer rectified_scores(const RectifiedOptions& options = {});

/// "logits", "multi-softmax" or "nearest-mean". Throws UsageError, listing them.
RulePointer rule_named(const std::string& name);

}  // namespace mneme
