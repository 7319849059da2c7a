#pragma once
// A backbone with a classifier to which classes are added: the network of every class-incremental method.

#include <memory>

#include "layers/backbone.h"
#include "layers/classifier.h"

namespace mneme {

/// The results of a network for a batch.
struct NetOutput {
  Features features;  ///< feature vectors and maps
  Scores scores;      ///< logits and what they were computed from
};

/// A backbone and a classifier.
struct IncrementalNet : Module {
  std::unique_ptr<Backbone> backbone;      ///< computes the features
  std::unique_ptr<Classifier> classifier;  ///< computes the logits
  std::vector<int> task_sizes;             ///< number of classes of each task, in order

  /// A network without classes.
  IncrementalNet(std::unique_ptr<Backbone> b, std::unique_ptr<Classifier> c)
      : backbone(std::move(b)), classifier(std::move(c)) {}

  /// The number of classes so far.
  int classes() const;
  /// The number of tasks so far.
  int tasks() const { return static_cast<int>(task_sizes.size()); }
  /// The first class of task `task`, 0 <= task <= tasks(); offset(tasks()) is the number of classes.
  int offset(int task) const;

  /// The group (`Part`) that the parameter of this name belongs to.
  Part part_of(const std::string& name);
  /// Adds a task with `new_classes` classes. Throws Error unless new_classes > 0.
  void add_classes(int new_classes, Factory& factory);
  /// Features and scores of images (N, 3, H, W). Throws Error for other shapes, types or devices.
  NetOutput forward(const Tensor& images, Mode mode);
  /// A copy with numbers of its own that needs no gradients: a teacher.
  std::unique_ptr<IncrementalNet> frozen_copy() const;
  void each_state(const std::string& at, const Visit& visit) override;
};

}  // namespace mneme
