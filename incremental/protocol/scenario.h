#pragma once
// The task stream: which images belong to which task for training, validation and test. Labels follow the learning
// order.

#include <optional>
#include <string>
#include <vector>

#include "data/batches/image_set.h"
#include "data/splits/task_split.h"

namespace mneme {

/// How a data set becomes a stream of tasks: docs/methods/protocol.md#splitting-the-classes-into-tasks.
struct ScenarioOptions {
  int tasks = 10;                                  ///< number of tasks
  std::optional<int> base_classes = std::nullopt;  ///< classes of the first task; not set: all tasks have the same size
  std::string order = "icarl";                     ///< a name that class_order() in data/splits/class_order.h knows
  double validation_fraction = 0.1;                ///< share of every class's training images
  int stop_after = 0;                              ///< train only the first tasks, this many; 0: train all
};

/// A set of images to train or test on.
struct Subset {
  std::vector<int> images;  ///< indices into the image set
  std::vector<int> labels;  ///< global labels, in learning order
  /// Number of images.
  size_t size() const { return images.size(); }
  /// Adds the images of `other` at the end.
  void append(const Subset& other);
};

/// The images of `subset` with begin <= label < end, in their order.
Subset of_classes(const Subset& subset, int begin, int end);

/// The labels of `subset` as a tensor for losses: i32 (n) on `device`.
Tensor labels_of(const Subset& subset, Device device);

/// The stream of tasks of one run.
struct Scenario {
  std::vector<int> order;                ///< data set classes in learning order
  std::vector<int> classes_per_task;     ///< number of classes of each task
  std::vector<Subset> train,             ///< training images of each task
      validation,                        ///< validation images of each task
      test;                              ///< test images of each task
  std::vector<std::string> class_names;  ///< by global label
  int tasks_to_run = 0;                  ///< tasks that are trained, from the first on

  /// Number of tasks.
  int tasks() const { return static_cast<int>(classes_per_task.size()); }
};

/// Splits a data set into tasks. `seed` determines the validation split and those class orders that are random. Throws
/// UsageError for an unknown class order, for more tasks than classes, for a validation fraction outside [0, 1) and for
/// a `stop_after` beyond the number of tasks. Throws Error if a class has no training image left after the validation
/// split.
Scenario make_scenario(const Dataset& data, const ScenarioOptions& options, uint64_t seed);

}  // namespace mneme
