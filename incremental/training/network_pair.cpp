#include "incremental/training/network_pair.h"

namespace mneme {
namespace {

std::unique_ptr<IncrementalNet> make_net(const NetworkOptions& options, ClassifierKind kind, Factory& factory) {
  auto backbone = make_backbone(options, factory);
  auto classifier = make_classifier(kind, backbone->feature_size(), factory);
  return std::make_unique<IncrementalNet>(std::move(backbone), std::move(classifier));
}

}  // namespace

NetworkPair::NetworkPair(const NetworkOptions& options, ClassifierKind classifier, uint64_t seed, Device device)
    : options_(options),
      classifier_(classifier),
      factory_(seed, device),
      net_(make_net(options_, classifier_, factory_)) {}

std::unique_ptr<IncrementalNet> NetworkPair::untrained(std::span<const int> task_sizes, uint64_t seed) const {
  Factory factory(seed, factory_.options().device);
  std::unique_ptr<IncrementalNet> net = make_net(options_, classifier_, factory);
  for (const int size : task_sizes) net->add_classes(size, factory);
  return net;
}

void NetworkPair::load_teacher(const NamedTensors& weights) {
  teacher_ = net_->frozen_copy();
  load_state(*teacher_, weights);
}

}  // namespace mneme
