#pragma once
// Classifiers that grow: one block of classes per task, logits always over all classes seen so far.

#include <memory>
#include <vector>

#include "layers/basic.h"

namespace mneme {

struct Scores {
  Tensor logits;  // (N, classes): what losses and predictions use
};

struct Classifier : Module {
  /// Adds `classes` new classes after the existing ones, whose parameters stay bit for bit what they are.
  virtual void grow(int classes, Factory& factory) = 0;
  virtual Scores forward(const Tensor& features) const = 0;
  virtual std::unique_ptr<Classifier> copy() const = 0;
  /// The name prefix of the parameters that belong to task t alone, e.g. "heads.2.".
  virtual std::string prefix_of_task(int task) const = 0;
};

/// One affine layer per task over the same features (FACIL's heads). Parameters "heads.<task>.weight" and ".bias".
struct LinearHeads : Classifier {
  int64_t feature_size;
  std::vector<Linear> heads;

  explicit LinearHeads(int64_t features) : feature_size(features) {}
  void grow(int classes, Factory& factory) override { heads.emplace_back(feature_size, classes, factory); }
  Scores forward(const Tensor& features) const override;
  std::unique_ptr<Classifier> copy() const override { return std::make_unique<LinearHeads>(*this); }
  std::string prefix_of_task(int task) const override { return "heads." + std::to_string(task) + "."; }
  void each_state(const std::string& at, const Visit& visit) override;
};

}  // namespace mneme
