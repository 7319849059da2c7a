#pragma once
// The network that learns, and its teacher: the frozen copy of it from the end of the previous task.

#include <memory>
#include <span>

#include "engine/safetensors.h"
#include "layers/incremental_net.h"
#include "layers/network.h"

namespace mneme {

/// Overwrites those tensors of `net` that `weights` name: a network begins with pretrained weights. Throws Error if the
/// shapes differ.
void begin_with(IncrementalNet& net, const NamedTensors& weights);

class NetworkPair {
 public:
  /// An untrained network without classes, and no teacher yet. The initial weights of the backbone and of every head
  /// that is added later are drawn from `seed`, but for those in `start`, by the names of IncrementalNet. The weights
  /// of the tasks in `reserved` are made now (Classifier::reserve()).
  NetworkPair(const NetworkOptions& options, ClassifierKind classifier, uint64_t seed, Device device,
              std::vector<int> reserved = {}, NamedTensors start = {});

  IncrementalNet& net() const { return *net_; }
  /// Null before the first copy_to_teacher().
  IncrementalNet* teacher() const { return teacher_.get(); }
  /// Device and number type of the weights.
  TensorOptions tensor_options() const { return factory_.options(); }

  /// Adds the outputs of a task with `count` new classes to the network.
  void add_classes(int count) { add_classes(*net_, count, factory_); }
  /// The teacher becomes a frozen copy of the network.
  void copy_to_teacher() { teacher_ = net_->frozen_copy(); }
  /// Another network of the same architecture with new initial weights. `task_sizes` are its classes per task.
  std::unique_ptr<IncrementalNet> untrained(std::span<const int> task_sizes, uint64_t seed) const;

  /// The teacher becomes a network of the present size with these weights. Throws Error if they do not fit.
  void load_teacher(const NamedTensors& weights);

 private:
  std::unique_ptr<IncrementalNet> make_net(Factory& factory) const;
  void add_classes(IncrementalNet& net, int count, Factory& factory) const;

  NetworkOptions options_;
  ClassifierKind classifier_;
  std::vector<int> reserved_;
  NamedTensors start_;
  Factory factory_;
  std::unique_ptr<IncrementalNet> net_, teacher_;
};

}  // namespace mneme
