#include "incremental/training/network_pair.h"

namespace mneme {
NetworkPair::NetworkPair(const NetworkOptions& options, ClassifierKind classifier, uint64_t seed, Device device,
                         std::vector<int> reserved)
    : options_(options),
      classifier_(classifier),
      reserved_(std::move(reserved)),
      factory_(seed, device),
      net_(make_net(factory_)) {}

std::unique_ptr<IncrementalNet> NetworkPair::make_net(Factory& factory) const {
  auto backbone = make_backbone(options_, factory);
  auto classifier = make_classifier(classifier_, backbone->feature_size(), factory);
  if (!reserved_.empty()) classifier->reserve(reserved_, factory);
  return std::make_unique<IncrementalNet>(std::move(backbone), std::move(classifier));
}

std::unique_ptr<IncrementalNet> NetworkPair::untrained(std::span<const int> task_sizes, uint64_t seed) const {
  Factory factory(seed, factory_.options().device);
  std::unique_ptr<IncrementalNet> net = make_net(factory);
  for (const int size : task_sizes) net->add_classes(size, factory);
  return net;
}

void NetworkPair::load_teacher(const NamedTensors& weights) {
  teacher_ = net_->frozen_copy();
  load_state(*teacher_, weights);
}

}  // namespace mneme
