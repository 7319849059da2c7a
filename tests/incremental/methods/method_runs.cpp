#include "tests/incremental/methods/method_runs.h"

#include <algorithm>

#include "data/batches/augment.h"
#include "engine/autograd.h"
#include "layers/resnet_cifar.h"

namespace mneme::test {
namespace {

bool is_backbone(const std::string& name) { return !name.starts_with("heads."); }

}  // namespace

Names heads_among(const Names& names) {
  Names heads;
  std::copy_if(names.begin(), names.end(), std::back_inserter(heads),
               [](const auto& name) { return !is_backbone(name); });
  return heads;
}

int64_t backbone_among(const Names& names) {
  return std::count_if(names.begin(), names.end(), is_backbone);
}

int64_t all_backbone_tensors() {
  Factory factory(1, Device::cpu);
  CifarResNet net({.depth = 8}, factory);
  return static_cast<int64_t>(named_state(net).size());
}

Names without_backbone(const Names& names) {
  Names out;
  for (const std::string& name : names)
    if (name.starts_with("heads.") || name.starts_with("correction.") || name == "scale") out.push_back(name);
  return out;
}

ExperimentOptions with_memory(const std::string& method, int per_class) {
  ExperimentOptions o = tiny_options(method);
  o.memory = {MemoryBudget::Kind::per_class, per_class, false};
  return o;
}

double last_loss(const Finished& run) { return run.step_losses.back(); }

Names stages_reported(const Finished& run) {
  Names out;
  for (const EpochRecord& epoch : run.result.epochs)
    if (out.empty() || out.back() != epoch.stage) out.push_back(epoch.stage);
  return out;
}

Names names_of(const std::vector<Stage>& stages) {
  Names names;
  for (const Stage& stage : stages) names.push_back(stage.name);
  return names;
}

FirstStep first_step(ExperimentOptions o) {
  o.train.batch_size = 100;
  o.train.augmentation = {};
  o.train.fix_bn = true;
  const ResidentDataset data = tiny_data();
  Experiment experiment(o, data);
  const ScratchFolder scratch;
  RunFolder folder(scratch / "run");
  FirstStep out;
  ExperimentCallbacks callbacks;
  callbacks.on_task_start = [&](int task, const TaskContext& context, const Subset& subset) {
    if (task == 0) return;
    const NoGrad numbers_only;
    const DeviceImages images(data.train, Device::cpu);
    out.logits = experiment.net().forward(images.batch(subset.images), inference_mode).scores.logits;
    out.labels = Tensor::from(subset.labels, {static_cast<int64_t>(subset.size())}, Device::cpu);
    out.counts = context.class_counts;
  };
  callbacks.training.on_step = [&](const StepReport& step) {
    if (step.task == 1) out.loss = step.loss;
  };
  experiment.run(folder, callbacks);
  return out;
}

}  // namespace mneme::test
