#pragma once
// The smallest network that a method can train, whose values PyTorch or a calculation by hand can check: images of one
// pixel, one layer with ReLU, double precision on the reference device. tests/golden/make_importance.py builds the same
// network.

#include <string>

#include "data/batches/augment.h"
#include "engine/ops.h"
#include "incremental/protocol/scenario.h"
#include "layers/incremental_net.h"
#include "tests/incremental/losses/loss_inputs.h"

namespace mneme::test {

/// (N, 3, 1, 1) -> relu(x w^T + b), (N, 4). Its feature map has the same values, (N, 4, 1, 1).
struct OneLayer : Backbone {
  Tensor weight = drawn_tensor("weight", {4, 3}), bias = drawn_tensor("bias", {4});

  Features forward(const Tensor& images, Mode) override {
    Features out;
    out.pooled = relu(linear(reshape(images, {images.dim(0), 3}), weight, bias));
    out.maps = {reshape(out.pooled, {images.dim(0), 4, 1, 1})};
    return out;
  }
  int64_t feature_size() const override { return 4; }
  std::unique_ptr<Backbone> copy() const override { return std::make_unique<OneLayer>(*this); }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "weight"), weight, StateKind::parameter);
    visit(join(at, "bias"), bias, StateKind::parameter);
  }
};

/// Tasks of two classes and six images each.
struct OneLayerWorld {
  static constexpr int classes_per_task = 2, images_per_task = 6;

  Factory factory{1, Device::reference, DType::f64};
  IncrementalNet net{std::make_unique<OneLayer>(), std::make_unique<LinearHeads>(4)};
  std::vector<Subset> subsets;
  ResidentImages pixels;

  explicit OneLayerWorld(int tasks) {
    pixels.info = {"one pixel", 3, 1, 1, {}, {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}};
    for (int task = 0; task < tasks; ++task) {
      Subset subset;
      for (const double v : drawn_values("pixels" + std::to_string(task), 18, Draw::any))
        pixels.pixels.push_back(static_cast<uint8_t>(128 + 100 * v));
      for (int i = 0; i < images_per_task; ++i) {
        pixels.labels.push_back(classes_per_task * task + i % 2);
        subset.append({{images_per_task * task + i}, {pixels.labels.back()}});
      }
      subsets.push_back(subset);
    }
    pixels.info.class_names.assign(static_cast<size_t>(classes_per_task * tasks), "class");
  }

  DeviceImages images() const { return {pixels, Device::reference, DType::f64}; }

  /// Adds the next head with the weights that the Python script draws too.
  void add_classes() {
    const std::string task = std::to_string(net.tasks());
    net.add_classes(classes_per_task, factory);
    Linear& head = static_cast<LinearHeads&>(*net.classifier).heads.back();
    head.weight.copy_from(drawn_tensor("head" + task, {2, 4}));
    head.bias.copy_from(drawn_tensor("head bias" + task, {2}));
  }

  TaskContext context() const {
    TaskContext task;
    task.task = net.tasks() - 1;
    task.task_sizes = net.task_sizes;
    task.class_counts.assign(static_cast<size_t>(net.classes()), 3);
    task.tensor_options = factory.options();
    return task;
  }
};

}  // namespace mneme::test
