#pragma once
// A trainer for tests, without an experiment around it.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batches/augment.h"
#include "engine/autograd.h"
#include "incremental/losses/primitives.h"
#include "incremental/training/trainer.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {

/// A trainer with everything that it needs: learn() trains one task of tiny_data() after another.
struct TrainerBench {
  ResidentDataset data = tiny_data();
  Method method;
  TrainOptions options = tiny_options("finetuning").train;
  Scenario scenario;
  DeviceImages images;
  Factory factory;
  IncrementalNet net;
  std::vector<EpochReport> epochs;
  std::vector<StepReport> steps;
  std::function<void()> after_step, after_epoch;
  std::function<void(const TrainState&)> on_state;
  std::vector<std::pair<std::string, Tensor>>* momentum = nullptr;

  explicit TrainerBench(Method trained)
      : method(std::move(trained)),
        scenario(make_scenario(data, tiny_options("finetuning").scenario, 1)),
        images(data.train, Device::cpu),
        factory(1, Device::cpu),
        net(std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, factory),
            std::make_unique<LinearHeads>(64)) {}
  explicit TrainerBench(const std::string& name = "finetuning") : TrainerBench(make_method(name, {})) {}

  void learn(int task, IncrementalNet* old = nullptr, std::optional<Subset> validation = {}) {
    const auto t = static_cast<size_t>(task);
    net.add_classes(scenario.classes_per_task[t], factory);
    method.on_classes_added(net);
    const TaskContext context = context_of(scenario, task, scenario.train[t], false, factory.options());
    const TrainingCallbacks callbacks{[this](const StepReport& step) {
                                        steps.push_back(step);
                                        if (after_step) after_step();
                                      },
                                      [this](const EpochReport& epoch) {
                                        epochs.push_back(epoch);
                                        if (after_epoch) after_epoch();
                                      },
                                      on_state};
    TaskData task_data{scenario.train[t], validation ? *validation : scenario.validation[t]};
    task_data.momentum = momentum;
    Trainer(net, method, options, images, 1, callbacks).learn(context, task_data, old);
  }

  /// The cross-entropy of the newest head on the validation images, in inference mode.
  double validation_loss(int task) {
    const NoGrad numbers_only;
    const Subset& subset = scenario.validation[static_cast<size_t>(task)];
    std::vector<int> local = subset.labels;
    for (int& label : local) label -= net.offset(task);
    const Tensor logits = net.forward(images.batch(subset.images), inference_mode).scores.logits;
    return cross_entropy(slice_columns(logits, net.offset(task), net.classes()),
                         Tensor::from(local, {static_cast<int64_t>(local.size())}, Device::cpu))
        .item();
  }
};

}  // namespace mneme::test
