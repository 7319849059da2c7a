#pragma once
// The description of a trained model: everything that is needed to rebuild the network, to prepare images as in
// training, and to know where the model comes from. Model files keep it in their metadata.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/batches/image_set.h"
#include "layers/classifier.h"
#include "layers/network.h"

namespace mneme {

/// Accuracies over the test images of all tasks learned so far, as fractions of 1.
struct ModelAccuracy {
  int64_t test_images = 0;     ///< the number of test images
  double task_agnostic = 0,    ///< predictions among all classes, by the model's rule
      top5_task_agnostic = 0,  ///< the label is among the five highest scores
      task_aware = 0;          ///< predictions among the classes of the image's own task
};

/// The description of a model after some task of a run.
struct ModelInfo {
  NetworkOptions network;                              ///< the backbone
  ClassifierKind classifier = ClassifierKind::linear;  ///< the kind of the heads
  bool merged_heads = false;    ///< one layer fc.weight and fc.bias stands for all heads, and kernels are plain
  std::vector<int> task_sizes;  ///< classes of every task learned, in order
  int tasks_planned = 0;        ///< tasks of the whole run
  std::vector<std::string> class_names;  ///< in learning order: class k is output k
  std::vector<int> original_labels;      ///< in learning order: the label in the data set
  ImageSetInfo images;                   ///< name, size and normalisation; the set's own class names are left out
  /// Of a set of image files of any size: the pixels to which the short side is resized before the middle is cropped.
  /// 0: images are stored as the network is given them.
  int short_side = 0;
  std::string method,               ///< "lwf"
      prediction_rule,              ///< a name that saved_rule() knows
      protocol,                     ///< id of the run's protocol
      data_id,                      ///< id of the data set
      pretrained,                   ///< id of the weights that the run began with; empty: random ones
      version,                      ///< the version of Mneme, with the commit
      device;                       ///< the device that trained the model
  bool exact_convolutions = false;  ///< whether direct convolutions were used instead of Winograd's
  uint64_t seed = 0;                ///< the run's seed
  ModelAccuracy accuracy;           ///< on the test images of the run

  /// The number of classes learned.
  int classes() const { return static_cast<int>(class_names.size()); }
};

/// The description as JSON, by the names of run.json.
nlohmann::json as_json(const ModelInfo& info);
/// The inverse of as_json(). Throws Error, beginning with `name`, for a description that is incomplete or contradicts
/// itself.
ModelInfo model_info(const nlohmann::json& json, const std::string& name);

}  // namespace mneme
