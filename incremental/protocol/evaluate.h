#pragma once
// Runs a network over images without training it, and computes its test accuracy.

#include <functional>
#include <span>
#include <vector>

#include "data/batches/image_source.h"
#include "incremental/protocol/metrics.h"
#include "incremental/protocol/prediction_rule.h"
#include "incremental/protocol/scenario.h"
#include "incremental/protocol/task.h"
#include "layers/incremental_net.h"

namespace mneme {

/// Batch size of every forward pass that trains nothing.
inline constexpr int evaluation_batch_size = 250;

/// The network's outputs for n images. Row i belongs to the i-th image asked for.
struct ImageOutputs {
  std::vector<std::vector<float>> logits;    ///< (n, classes)
  std::vector<std::vector<float>> features;  ///< (n, D): pooled features; empty unless asked for
};
/// Runs `net` in inference mode, without augmentation and without recording gradients, and keeps every output. `images`
/// are indices into `set`. The features are kept only if `with_features` is true.
ImageOutputs collect_outputs(IncrementalNet& net, const ImageSource& set, std::span<const int> images,
                             bool with_features, int batch_size = evaluation_batch_size);

/// How images are presented to a network whose outputs are collected. The default is no augmentation.
struct InputTransform {
  /// The random crop and flip of each image; by default none.
  Augmentation augmentation;
  BatchDraws draws;  ///< the draws of the first image; image i uses those of sample first_sample + i
};

/// Receives the output of image i. The spans are valid only during the call.
using OutputVisitor = std::function<void(size_t i, const ImageOutput& output)>;
/// Like collect_outputs(), but passes each output to `visit` and stores none, so that memory does not grow with the
/// number of images. Outputs arrive in the order of `images`.
void for_each_output(IncrementalNet& net, const ImageSource& set, std::span<const int> images, bool with_features,
                     const OutputVisitor& visit, const InputTransform& transform = {},
                     int batch_size = evaluation_batch_size);

/// True if fewer than `count` classes have a higher score than class `label`. Of equal scores, the one with the smaller
/// class number counts as higher. `label` must be a class of `scores` (classes).
bool is_among_highest(std::span<const float> scores, int label, int count);

/// The number of images in a batch whose largest logit among the classes of their own task is that of their label.
/// logits (N, classes), labels (N).
int correct_in_own_task(const Tensor& logits, const std::vector<int>& labels, const TaskContext& task);

/// Accuracies of one network on the test images of all tasks learned so far.
struct EvaluationResult {
  std::vector<double>
      task_aware,     ///< per task: the share of images predicted correctly among the classes of the image's own task
      task_agnostic;  ///< the same among all classes seen so far
  /// Per task: the share of images whose label is among the five highest task-agnostic scores.
  std::vector<double> top5;
  /// Counts of (label, task-agnostic prediction) over all test images.
  ConfusionMatrix confusion;
  std::vector<double> mean_logits;  ///< per class: the mean logit over all test images
  /// The accuracies of the side rule and of the largest logit, per task; empty without a side rule.
  struct Accuracies {
    std::vector<double> task_aware,  ///< as above
        task_agnostic;               ///< as above
  };
  Accuracies by_side_rule,  ///< of the side rule
      by_logits;            ///< of the largest logit
};

/// Tests `net` on the test subsets of all tasks it has learned. `rule` turns outputs into predictions. `subsets` holds
/// one subset per task. `side_rule`, if given, is judged by the same outputs, and beside it the largest logit; both
/// must be rules whose task-aware scores are the task-agnostic ones. Throws Error if one of them is empty. The
/// accuracies are the entries a[t][u] of docs/methods/protocol.md#metrics.
EvaluationResult evaluate(IncrementalNet& net, const ImageSource& set, const std::vector<Subset>& subsets,
                          const PredictionRule& rule, const PredictionRule* side_rule = nullptr);

}  // namespace mneme
