// What a recipe says of its parts.

#include "incremental/method/method.h"

#include <doctest/doctest.h>

#include "incremental/losses/primitives.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

/// Cross-entropy that counts its batches, and of every class something.
class Counting final : public LossTerm {
 public:
  void grow(IncrementalNet& net) override {
    const Like like = named_state(net)[0].second.like();
    if (!batches_) batches_ = Tensor::zeros({1}, like);
    of_classes_ = Tensor::zeros({net.classes()}, like);
  }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "batches"), batches_, StateKind::buffer);
    visit(join(at, "of_classes"), of_classes_, StateKind::buffer);
  }
  Tensor loss(const BatchView& batch) override {
    add_in_place(batches_, Tensor::full({1}, 1, batches_.like()));
    return cross_entropy(batch.student.scores.logits, batch.labels);
  }

 private:
  Tensor batches_, of_classes_;
};

TEST_CASE("a recipe lists what its parts carry, under their names, as large as the network has grown") {
  Recipe recipe;
  recipe.prediction = {{"counting", 1, std::make_shared<Counting>()}};
  Factory factory(1, Device::cpu);
  IncrementalNet net(std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, factory),
                     std::make_unique<LinearHeads>(64));
  net.grow(2, factory);
  recipe.grow(net);
  net.grow(3, factory);
  recipe.grow(net);
  const auto state = named_state(recipe);
  REQUIRE(state.size() == 2);
  CHECK(state[0].first == "counting.batches");
  CHECK(state[1].first == "counting.of_classes");
  CHECK(state[1].second.shape() == Shape{5});
}

TEST_CASE("a method that carries nothing lists nothing") {
  Recipe recipe = make_recipe("lwf-bsr", {});
  CHECK(named_state(recipe).empty());
}

}  // namespace
}  // namespace mneme::test
