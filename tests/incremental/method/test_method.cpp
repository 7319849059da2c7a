// Tests that a method saves and restores the state of its parts.

#include "incremental/method/method.h"

#include <doctest/doctest.h>

#include "incremental/losses/primitives.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

/// Cross-entropy that keeps two counters: one of batches, and one number per class.
class Counting final : public LossTerm {
 public:
  void on_classes_added(IncrementalNet& net) override {
    const TensorOptions tensor_options = named_state(net)[0].second.options();
    if (!batches_) batches_ = Tensor::zeros({1}, tensor_options);
    of_classes_ = Tensor::zeros({net.classes()}, tensor_options);
  }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "batches"), batches_, StateKind::buffer);
    visit(join(at, "of_classes"), of_classes_, StateKind::buffer);
  }
  Tensor loss(const BatchView& batch) override {
    add_in_place(batches_, Tensor::full({1}, 1, batches_.options()));
    return cross_entropy(batch.student.scores.logits, batch.labels);
  }

 private:
  Tensor batches_, of_classes_;
};

TEST_CASE("a method lists what its parts carry, under their names, as large as the network has grown") {
  Method method;
  method.prediction = {{"counting", 1, std::make_shared<Counting>()}};
  Factory factory(1, Device::cpu);
  IncrementalNet net(std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, factory),
                     std::make_unique<LinearHeads>(64));
  net.add_classes(2, factory);
  method.on_classes_added(net);
  net.add_classes(3, factory);
  method.on_classes_added(net);
  const auto state = named_state(method);
  REQUIRE(state.size() == 2);
  CHECK(state[0].first == "counting.batches");
  CHECK(state[1].first == "counting.of_classes");
  CHECK(state[1].second.shape() == Shape{5});
}

TEST_CASE("a method that carries nothing lists nothing") {
  Method method = make_method("lwf-bsr", {});
  CHECK(named_state(method).empty());
}

}  // namespace
}  // namespace mneme::test
