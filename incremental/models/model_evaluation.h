#pragma once
// What a trained model predicts for test images: accuracies, grouped in several ways, calibration, and the outputs
// themselves.

#include <vector>

#include "data/batches/image_set.h"
#include "incremental/models/model_file.h"
#include "incremental/protocol/evaluate.h"

namespace mneme {

/// Right predictions among some images.
struct RightCounts {
  int64_t images = 0,     ///< all images
      task_agnostic = 0,  ///< right among all classes
      top5 = 0,           ///< label among the five highest scores of all classes
      task_aware = 0;     ///< right among the classes of the image's own task

  /// Adds the counts of other images.
  void add(const RightCounts& other);
};

/// The images whose confidence, the largest of their probabilities, lies in (low, high].
struct CalibrationBin {
  double low = 0,         ///< where the range of confidences begins
      high = 0;           ///< where it ends
  int64_t images = 0,     ///< the number of these images
      right = 0;          ///< how many of them were predicted rightly among all classes
  double confidence = 0;  ///< the sum of their confidences
};

/// The number of bins of the calibration, as in Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
constexpr int calibration_bins = 15;

/// The outputs for all test images, a row each, in the order of evaluation: task by task.
struct TestOutputs {
  std::vector<float> features,  ///< (N, D)
      logits;                   ///< (N, classes)
  std::vector<int> labels,      ///< (N), in learning order
      predicted,                ///< (N), likewise
      images;                   ///< (N): indices into the image set
};

struct ModelEvaluation {
  EvaluationResult accuracies;              ///< as a run computes them
  std::vector<RightCounts> classes;         ///< by class, in learning order
  std::vector<CalibrationBin> calibration;  ///< calibration_bins of them, of equal width
  TestOutputs outputs;                      ///< empty unless asked for

  /// The counts of the classes [begin, end).
  RightCounts of_classes(int begin, int end) const;
  /// sum_b n_b / N |accuracy_b - confidence_b|: Guo et al. 2017, eq. 3.
  double expected_calibration_error() const;
};

/// The images of `set` whose classes the model has learned, by task, with labels in learning order. Classes are found
/// by their names. Throws Error if a class of the model is not in the set, or if its images are of another size or are
/// normalised otherwise than the model's.
std::vector<Subset> subsets_for(const ModelInfo& model, const ImageSet& set);

/// Evaluates `model` on `subsets` of `source`. Features and logits are kept if `keep_outputs` is true. Throws Error if
/// a task has no images.
ModelEvaluation evaluate_model(TrainedModel& model, const ImageSource& source, const std::vector<Subset>& subsets,
                               bool keep_outputs);

}  // namespace mneme
