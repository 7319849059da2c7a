#pragma once
// A network's answers to images, and how many are right.

#include <span>
#include <vector>

#include "data/image_source.h"
#include "incremental/metrics.h"
#include "incremental/predict.h"
#include "incremental/scenario.h"
#include "layers/incremental_net.h"

namespace mneme {

/// Inference mode, no augmentation, nothing recorded; rows follow `images`.
struct Answers {
  std::vector<std::vector<float>> logits;    // (n, classes)
  std::vector<std::vector<float>> features;  // (n, D); empty unless asked for
};
Answers answers(IncrementalNet& net, const ImageSource& set, std::span<const int> images, bool with_features,
                int batch_size = 250);

struct Tally {
  std::vector<double> task_aware, task_agnostic;  // accuracy per task
  ConfusionMatrix confusion;
  std::vector<double> mean_logits;  // per class, over all images
};

/// Accuracy on the test pools of tasks 0..t, t being the network's last, by a rule's predictions: task-agnostic among
/// all classes, task-aware inside the image's own task.
Tally evaluate(IncrementalNet& net, const ImageSource& set, const std::vector<Pool>& pools,
               const PredictionRule& rule);

}  // namespace mneme
