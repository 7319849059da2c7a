#pragma once
// The task stream: which images belong to which task, for training, validation and test, with labels in learning order.

#include <optional>
#include <string>
#include <vector>

#include "data/batches/image_set.h"
#include "data/splits/task_split.h"

namespace mneme {

struct ScenarioOptions {
  int tasks = 10;
  std::optional<int> base_classes = std::nullopt;  ///< classes of the first task; otherwise all tasks are alike
  std::string order = "icarl";                     ///< see class_order() in data/splits/class_order.h
  double validation_fraction = 0.1;                ///< of every class's training images
  int stop_after = 0;                              ///< train only the first so many tasks; 0: all
};

/// Images to train or test on, with global labels.
struct Subset {
  std::vector<int> images;  ///< indices into the image set
  std::vector<int> labels;  ///< learning order
  size_t size() const { return images.size(); }
  void append(const Subset& other);
};

/// The subset's images of classes begin <= label < end, in order.
Subset of_classes(const Subset& subset, int begin, int end);

/// The subset's labels as losses take them: i32 (n).
Tensor labels_of(const Subset& subset, Device device);

struct Scenario {
  std::vector<int> order;  ///< dataset classes in learning order
  std::vector<int> classes_per_task;
  std::vector<Subset> train, validation, test;  ///< per task
  std::vector<std::string> class_names;         ///< by global label
  int tasks_to_run = 0;

  int tasks() const { return static_cast<int>(classes_per_task.size()); }
};

/// Splits a dataset into tasks. `seed` decides the validation split and seed-dependent orders.
Scenario make_scenario(const Dataset& data, const ScenarioOptions& options, uint64_t seed);

}  // namespace mneme
