// Tests the number of pieces of work that a training step submits to the GPU (engine/base/work_count.h).

#include <doctest/doctest.h>

#include "engine/autograd.h"
#include "engine/base/work_count.h"
#include "engine/ops.h"
#include "engine/ops/converted_weights.h"
#include "engine/precision.h"
#include "layers/block.h"
#include "layers/classifier.h"
#include "layers/incremental_net.h"
#include "layers/network.h"
#include "optim/sgd.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

/// A network with everything that a training step needs.
struct Training {
  Factory factory{1, Device::cuda};
  IncrementalNet net;
  ParameterBlock block;
  Sgd sgd;
  Tensor images, labels, rate, factor;

  Training(const char* network, int64_t side)
      : net(grown(network, factory)),
        block(net, [](const std::string&) { return true; }),
        sgd(block, {.momentum = 0.9, .weight_decay = 2e-4}),
        images(Tensor::full({2, 3, side, side}, 0.5, factory.options())),
        labels(Tensor::from(std::vector<int>{1, 2}, {2}, Device::cuda)),
        rate(Tensor::full({}, 0.01, factory.options())),
        factor(Tensor::full({}, 1, factory.options())) {}

  static IncrementalNet grown(const char* network, Factory& factory) {
    auto backbone = make_backbone({.name = network}, factory);
    auto heads = std::make_unique<LinearHeads>(backbone->feature_size());
    IncrementalNet made(std::move(backbone), std::move(heads));
    made.add_classes(100, factory);
    return made;
  }

  void step() {
    block.clear_gradients();
    NetOutput output;
    {
      const ConvertedWeights for_the_pass(block.parameters());
      output = net.forward(images, training_mode);
    }
    backward(mean(softmax_cross_entropy(output.scores.logits, labels)));
    sgd.step(rate, factor);
  }
};

WorkCount work_of_a_step(const char* network, int64_t side) {
  Training training(network, side);
  training.step();
  const WorkCount before = work_count();
  training.step();
  const WorkCount work = work_between(before, work_count());
  for (const auto& [kind, w] : work) MESSAGE(network, ": ", w.pieces, " ", kind, ", ", w.bytes, " bytes");
  return work;
}

TEST_CASE("a training step of ResNet-32 gives the GPU at most 260 pieces of work, one of ResNet-18 at most 160") {
  const WorkCount small = work_of_a_step("resnet32", 32);
  CHECK(total(small).pieces <= 260);
  CHECK(total(small).unstated == 0);
  const Switched maps(set_precision, Precision::bf16, precision());
  const WorkCount large = work_of_a_step("resnet18", 32);
  CHECK(total(large).pieces <= 160);
  CHECK(total(large).unstated == 0);
}

}  // namespace
}  // namespace mneme::test
