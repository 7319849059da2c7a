#pragma once
// A network's answers to images, and how many are right.

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

/// Images per batch where nothing is learned.
inline constexpr int evaluation_batch_size = 250;

/// Inference mode, no augmentation, nothing recorded; rows follow `images`.
struct ImageOutputs {
  std::vector<std::vector<float>> logits;    // (n, classes)
  std::vector<std::vector<float>> features;  // (n, D); empty unless asked for
};
ImageOutputs collect_outputs(IncrementalNet& net, const ImageSource& set, std::span<const int> images,
                             bool with_features, int batch_size = evaluation_batch_size);

/// How images are shown to a network that is asked about them: as they are, unless told otherwise.
struct InputTransform {
  Augmentation augmentation;
  BatchDraws draws;  ///< of the first image
};

/// The same, one answer after another, so that not all are held at a time. Features are there if the visitor wants
/// them.
using OutputVisitor = std::function<void(size_t i, const ImageOutput& output)>;
void for_each_output(IncrementalNet& net, const ImageSource& set, std::span<const int> images, bool with_features,
                     const OutputVisitor& visit, const InputTransform& transform = {},
                     int batch_size = evaluation_batch_size);

/// True if fewer than `count` classes have a higher score than `label`; of equal scores the first class's counts as
/// higher.
bool is_among_highest(std::span<const float> scores, int label, int count);

/// How many of the images of a batch the logits (N, classes) get right among the classes of their own task.
int correct_in_own_task(const Tensor& logits, const std::vector<int>& labels, const TaskContext& task);

struct EvaluationResult {
  std::vector<double> task_aware, task_agnostic;  // accuracy per task
  std::vector<double> top5;                       // task-agnostic: share of labels among the five highest scores
  ConfusionMatrix confusion;
  std::vector<double> mean_logits;  // per class, over all images
};

/// Accuracy on the test subsets of tasks 0..t, t being the network's last, by a rule's predictions: task-agnostic among
/// all classes, task-aware inside the image's own task.
EvaluationResult evaluate(IncrementalNet& net, const ImageSource& set, const std::vector<Subset>& subsets,
                          const PredictionRule& rule);

}  // namespace mneme
