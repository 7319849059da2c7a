#pragma once
// Prediction rules: how a class is predicted from a network's output (docs/methods/protocol.md#prediction-rules).

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "incremental/protocol/method_part.h"

namespace mneme {

/// A network's output for one image.
struct ImageOutput {
  std::span<const float> logits;    ///< (classes)
  std::span<const float> features;  ///< (D): pooled features; empty unless asked for
};

/// One score per class, (classes). The class with the largest score is the prediction.
using ClassScores = std::vector<float>;

/// Turns the output for one image into class scores.
class PredictionRule : public MethodPart {
 public:
  /// The rule's name in logs and files.
  virtual std::string name() const = 0;
  /// True if the rule reads ImageOutput::features.
  virtual bool needs_features() const { return false; }
  /// Scores for a task-agnostic prediction, among all classes seen so far. `task_sizes` holds the classes of each task.
  /// By default these are the scores of inside_task().
  virtual ClassScores among_all(const ImageOutput& output, const std::vector<int>& task_sizes) const;
  /// Scores for a task-aware prediction; the caller compares only the classes of the image's own task. By default these
  /// are the logits.
  virtual ClassScores inside_task(const ImageOutput& output) const;
};

/// How methods hold a rule.
using RulePointer = std::shared_ptr<PredictionRule>;

/// The scores are the logits.
RulePointer largest_logit();

/// The scores are log-softmax values, computed for each head separately; a task-aware prediction uses the logits.
/// FACIL's --multi-softmax.
RulePointer multi_softmax();

/// Options of nearest_mean().
struct NearestMeanOptions {
  bool of_all_images = false;  ///< means over all images the task trained on, instead of the exemplars
  bool augmented = false;      ///< means over augmented images
  bool directions = true;      ///< scale each mean to length one
};
/// Nearest class mean: argmin_c ||f/||f|| - mu_c|| with mu_c the normalised mean of f/||f|| over the exemplars of class
/// c. Rebuffi et al., "iCaRL", CVPR 2017, algorithm 1: docs/methods/icarl.md#prediction. Without exemplars it behaves
/// like largest_logit().
RulePointer nearest_mean(const NearestMeanOptions& options = {});

/// Options of rectified_scores().
struct RectifiedOptions {
  bool of_logits = false;  ///< scores are logits, as in FACIL's code, instead of probabilities
  bool augmented = false;  ///< means over augmented images
};
/// Rectified scores: Belouadah and Popescu, "IL2M", ICCV 2019, eq. 1: docs/methods/il2m.md#rectified-scores. If the
/// prediction would be a new class, the score of every class c of an old task o is multiplied by
///   (first_c / now_c) (conf_t / conf_o).
/// first_c and now_c are the mean score of class c over its own training images, when it was new and now. conf_u is the
/// mean of the highest score over the images of task u when that task was new. Scores are probabilities, so the factors
/// are positive. A class with now_c = 0 keeps its score.
RulePointer rectified_scores(const RectifiedOptions& options = {});

/// The rule called "logits", "multi-softmax" or "nearest-mean". Throws UsageError for other names; the message lists
/// these three.
RulePointer rule_named(const std::string& name);

}  // namespace mneme
