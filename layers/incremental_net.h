#pragma once
// A backbone with a classifier that grows: the network of every class-incremental method.

#include <memory>

#include "layers/backbone.h"
#include "layers/classifier.h"

namespace mneme {

struct NetOutput {
  Features features;
  Scores scores;
};

struct IncrementalNet : Module {
  std::unique_ptr<Backbone> backbone;
  std::unique_ptr<Classifier> classifier;
  std::vector<int> task_sizes;  // classes per task, in order

  IncrementalNet(std::unique_ptr<Backbone> b, std::unique_ptr<Classifier> c)
      : backbone(std::move(b)), classifier(std::move(c)) {}

  int classes() const;
  int tasks() const { return static_cast<int>(task_sizes.size()); }
  /// The first class of task t; offset(tasks()) is the number of classes.
  int offset(int task) const;

  /// Whose the parameter of this name is.
  Part part_of(const std::string& name);
  void add_classes(int new_classes, Factory& factory);
  NetOutput forward(const Tensor& images, Mode mode);
  /// A copy with numbers of its own that wants no gradient: the old model, a teacher.
  std::unique_ptr<IncrementalNet> frozen_copy() const;
  void each_state(const std::string& at, const Visit& visit) override;
};

}  // namespace mneme
