#include "incremental/training/network_pair.h"

#include <map>

#include "engine/base/error.h"

namespace mneme {

void begin_with(IncrementalNet& net, const NamedTensors& weights) {
  const std::map<std::string, Tensor> by_name(weights.begin(), weights.end());
  net.each_state("", [&](const std::string& name, Tensor& tensor, StateKind) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) return;
    MNEME_CHECK(found->second.shape() == tensor.shape(), "the first weights of {} are {} instead of {}", name,
                found->second.shape().text(), tensor.shape().text());
    tensor.copy_from(found->second);
  });
}

NetworkPair::NetworkPair(const NetworkOptions& options, ClassifierKind classifier, uint64_t seed, Device device,
                         std::vector<int> reserved, NamedTensors start)
    : options_(options),
      classifier_(classifier),
      reserved_(std::move(reserved)),
      start_(std::move(start)),
      factory_(seed, device),
      net_(make_net(factory_)) {}

std::unique_ptr<IncrementalNet> NetworkPair::make_net(Factory& factory) const {
  auto backbone = make_backbone(options_, factory);
  auto classifier = make_classifier(classifier_, backbone->feature_size(), factory);
  if (!reserved_.empty()) classifier->reserve(reserved_, factory);
  return std::make_unique<IncrementalNet>(std::move(backbone), std::move(classifier));
}

/// The weights to begin with are set with the first classes, since the first head may be among them. Nothing has
/// learned before.
void NetworkPair::add_classes(IncrementalNet& net, int count, Factory& factory) const {
  net.add_classes(count, factory);
  if (net.tasks() == 1) begin_with(net, start_);
}

std::unique_ptr<IncrementalNet> NetworkPair::untrained(std::span<const int> task_sizes, uint64_t seed) const {
  Factory factory(seed, factory_.options().device);
  std::unique_ptr<IncrementalNet> net = make_net(factory);
  for (const int size : task_sizes) add_classes(*net, size, factory);
  return net;
}

void NetworkPair::load_teacher(const NamedTensors& weights) {
  teacher_ = net_->frozen_copy();
  load_state(*teacher_, weights);
}

}  // namespace mneme
