#include "layers/incremental_net.h"

#include <numeric>

namespace mneme {

int IncrementalNet::classes() const { return offset(tasks()); }

int IncrementalNet::offset(int task) const { return std::accumulate(task_sizes.begin(), task_sizes.begin() + task, 0); }

Part IncrementalNet::part_of(const std::string& name) {
  const std::string convolution = name.substr(0, name.rfind('.') + 1), factor = convolution + "kernel_scale";
  Part part = name == factor ? Part::kernel_scale : Part::backbone;
  backbone->each_state("", [&](const std::string& other, Tensor&, StateKind) {
    if (other == factor && name == convolution + "weight") part = Part::kernels;
  });
  classifier->each_state("", [&](const std::string& own, Tensor&, StateKind) {
    if (own == name) part = classifier->part_of(name);
  });
  return part;
}

void IncrementalNet::add_classes(int new_classes, Factory& factory) {
  MNEME_CHECK(new_classes > 0, "a task needs at least one class, got {}", new_classes);
  classifier->add_classes(new_classes, factory);
  task_sizes.push_back(new_classes);
}

NetOutput IncrementalNet::forward(const Tensor& images, Mode mode) {
  NetOutput out{backbone->forward(images, mode), {}};
  out.scores = classifier->forward(out.features.pooled);
  return out;
}

std::unique_ptr<IncrementalNet> IncrementalNet::frozen_copy() const {
  auto copy = std::make_unique<IncrementalNet>(backbone->copy(), classifier->copy());
  copy->task_sizes = task_sizes;
  own_state(*copy);
  return copy;
}

void IncrementalNet::each_state(const std::string& at, const Visit& visit) {
  backbone->each_state(at, visit);
  classifier->each_state(at, visit);
}

}  // namespace mneme
