#pragma once
// How classes are dealt to tasks, and a task's images to training and validation.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/batches/image_set.h"

namespace mneme {

/// Classes per task. Every task gets floor(classes / tasks), the first (classes mod tasks) tasks one more. With
/// `base_classes`, task 0 gets that many and the rest is dealt to the other tasks by the same rule. Throws UsageError
/// if a task would go without a class.
std::vector<int> split_classes(int classes, int tasks, std::optional<int> base_classes = std::nullopt);

/// One task's images, as indices into the image set they were split from.
struct TaskImages {
  std::vector<int> train;  ///< the images for training, in the set's order
  std::vector<int>
      validation;  ///< the images for validation: class by class in learning order, within a class from last to first
};

/// Splits off, of every class's n images, round-half-even(fraction * n) for validation; CIFAR-100 at 0.1: 450 and 50.
/// Tasks and classes are gone through in learning order, drawing by Python's random.sample under `seed`: FACIL's split,
/// bit for bit. Fraction 0 keeps all for training. Classes outside `order` belong to no task.
///
/// labels: (N) dataset classes; order: Note [Class order]; classes_per_task: as from split_classes, summing to at most
/// the order's length. Throws Error if a class has no image left for training, UsageError unless 0 <= fraction < 1.
std::vector<TaskImages> split_validation(std::span<const int> labels, std::span<const int> order,
                                         std::span<const int> classes_per_task, double fraction, uint64_t seed);

/// Each task's images with nothing set aside, in the set's order: the test sets. Arguments as of split_validation.
std::vector<std::vector<int>> images_by_task(std::span<const int> labels, std::span<const int> order,
                                             std::span<const int> classes_per_task);

/// The classes in [0, classes) that no label of `labels` is, in order.
std::vector<int> classes_without_images(std::span<const int> labels, int classes);

/// Throws Error, naming the classes, if one of the first `tasks` tasks has no test image at all: its accuracy could
/// never be measured. labels: (N) classes of the test images; the rest as of split_validation; class_names: one for
/// each class.
void check_test_images(std::span<const int> labels, std::span<const int> order, std::span<const int> classes_per_task,
                       std::span<const std::string> class_names, int tasks);

}  // namespace mneme
