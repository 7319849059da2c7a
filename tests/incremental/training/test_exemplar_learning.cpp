// Tests of Note [Learned exemplars]. Property 60: docs/methods/properties.md#topology-and-learned-exemplars.

#include "incremental/training/exemplar_learning.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "engine/autograd.h"
#include "incremental/losses/primitives.h"
#include "tests/incremental/tiny_run.h"
#include "tests/incremental/training/one_layer.h"
#include "tests/incremental/training/recording_source.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/messages.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

using nlohmann::json;

/// Two untrained tasks. The memory holds the first two images of each class.
struct World : OneLayerWorld {
  DeviceImages plain = images();
  const NotingSource* source;
  std::unique_ptr<LearnedImages> learned;
  Subset exemplars{{0, 2, 1, 3, 6, 8, 7, 9}, {0, 0, 1, 1, 2, 2, 3, 3}};
  TrainOptions training;
  TrainableParts all;

  World() : OneLayerWorld(2) {
    auto noting = std::make_unique<NotingSource>(plain);
    source = noting.get();
    learned = std::make_unique<LearnedImages>(std::move(noting), pixels.info, Device::reference, DType::f64);
    add_classes();
    add_classes();
    training.batch_size = 100;
    training.augmentation = {};
    learned->keep(exemplars.images);
  }

  void learn(const ExemplarLearningOptions& options) {
    const TaskContext task = context();
    learn_exemplars({net, task, all, subsets[1], exemplars, training, 1}, options, *learned);
  }

  LabelledBatch shown(const std::vector<int>& chosen) const {
    std::vector<int> labels;
    for (const int image : chosen) labels.push_back(pixels.labels[static_cast<size_t>(image)]);
    return {learned->batch(chosen), Tensor::from(labels, {std::ssize(labels)}, Device::reference)};
  }

  std::vector<double> values() const { return learned->pixels().values(); }
};

const std::vector<int> new_exemplars = {6, 8, 7, 9}, fresh_images = {6, 7, 8, 9, 10, 11};
constexpr double step = 0.7;

/// The loss of `judges` after a step on these exemplars.
double judged(World& world, const Tensor& exemplars) {
  LabelledBatch batch = world.shown(new_exemplars);
  batch.images = exemplars;
  const Snapshot before(world.net);
  ParameterBlock block(world.net, [](const std::string&) { return true; });
  block.clear_gradients();
  backward(cross_entropy(world.net.forward(batch.images, inference_mode).scores.logits, batch.labels));
  Sgd(block, {.momentum = 0, .weight_decay = 0}).step(step);
  const LabelledBatch judges = world.shown(fresh_images);
  const double loss =
      cross_entropy(world.net.forward(judges.images, inference_mode).scores.logits, judges.labels).item();
  before.restore(world.net);
  return loss;
}

TEST_CASE("the gradient through a step is PyTorch's double backward, and the derivative of what it says it is") {
  World world;
  CHECK(judged(world, world.shown(new_exemplars).images) ==
        doctest::Approx(golden_file("exemplar_learning.json")["judged"].get<double>()).epsilon(1e-12));
  const State before = state_of(world.net);
  ParameterBlock block(world.net, [](const std::string&) { return true; });
  const LabelledBatch exemplars = world.shown(new_exemplars);
  const Tensor gradient = gradient_through_step(world.net, block, exemplars, world.shown(fresh_images), step);
  CHECK(difference(gradient.values(), golden_file("exemplar_learning.json")["gradient"].get<Values>(), 1e-8) == "");
  CHECK(changed(before, state_of(world.net)).empty());

  Tensor moved = exemplars.images.clone();
  double* numbers = moved.data<double>();
  std::vector<double> numeric;
  for (int64_t i = 0; i < moved.size(); ++i)
    numeric.push_back(central_difference(numbers[i], [&] { return judged(world, moved); }));
  CHECK(compare_with_differences(gradient.values(), numeric, 1e-6) == "");
}

TEST_CASE("new exemplars are judged by their task's images, each half of the old by the other: PyTorch's numbers") {
  World world;
  const State before = state_of(world.net);
  world.learn({.lr = 2, .step = step});
  CHECK(difference(world.values(), golden_file("exemplar_learning.json")["by steps"].get<Values>(), 1e-5) == "");
  CHECK(changed(before, state_of(world.net)).empty());
}

TEST_CASE("as released, new exemplars follow the means of their features and end as 8 bits, wrapped around") {
  World world;
  world.learn({.as_released = true, .lr = 40, .epochs = 2});
  CHECK(world.values() == golden_file("exemplar_learning.json")["by means"].get<Values>());
}

TEST_CASE("with a rate of zero no bit of an exemplar changes, either way") {
  for (const bool as_released : {false, true}) {
    World world;
    const std::vector<double> before = world.values();
    world.learn({.as_released = as_released, .lr = 0, .step = step, .epochs = 3});
    CHECK(world.values() == before);
  }
}

TEST_CASE("images that judge are announced before they are asked for; those with pixels of their own never are") {
  for (const bool as_released : {false, true}) {
    World world;
    world.training.batch_size = 2;
    world.source->asked.clear();
    world.learn({.as_released = as_released, .lr = 0, .epochs = 2});
    std::multiset<int> of_set;
    for (const BatchRequest& batch : world.source->asked) of_set.insert(batch.images.begin(), batch.images.end());
    CHECK(of_set.count(10) == 2);  // once per epoch; 10 and 11 are the task's images that are not exemplars
    CHECK(of_set.count(11) == 2);
    REQUIRE(world.source->asked.size() == world.source->expected.size());
    for (size_t i = 0; i < world.source->asked.size(); ++i)
      CHECK(world.source->asked[i].images == world.source->expected[i].images);
  }
}

TEST_CASE("learning lowers the loss that judges exemplars") {
  World world;
  const double before = judged(world, world.shown(new_exemplars).images);
  world.learn({.lr = 1, .step = step, .epochs = 5});
  CHECK(judged(world, world.shown(new_exemplars).images) < before - 0.01);
}

TEST_CASE("weights that rest in the task take no part in the step ahead") {
  World some, all;
  some.all.backbone = some.all.old_classes = false;
  for (World* world : {&some, &all}) world->learn({.lr = 1, .step = step});
  CHECK(some.values() != all.values());
  World none;
  none.all = {.backbone = false, .old_classes = false, .new_classes = false};
  CHECK_THROWS_WITH_AS(none.learn({.lr = 1, .step = step}), doctest::Contains("nothing is left to train"), Error);
}

TEST_CASE("kept images have pixels of their own, cropped and flipped as the set's are") {
  const ResidentDataset data = tiny_data();
  const ImageSetInfo& info = data.train.info;
  LearnedImages learned(std::make_unique<DeviceImages>(data.train, Device::cpu), info, Device::cpu);
  const DeviceImages plain(data.train, Device::cpu);
  const std::vector<int> batch = {5, 3, 3, 9};
  const Augmentation moved{.crop = Crop::pad_crop, .pad = 2, .flip = true, .brightness = 0.2};
  const BatchDraws draws{random_key(4, Stream::augment), 1, 2, 3};
  const auto differs = [&](const Augmentation& augmentation) {
    const std::vector<float> a = learned.batch(batch, augmentation, draws).floats(),
                             b = plain.batch(batch, augmentation, draws).floats();
    float most = 0;
    for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return most;
  };
  CHECK(differs(moved) == 0);
  learned.keep({3, 7});
  CHECK(differs({}) < 1e-6f);  // the pixels have not changed
  CHECK(differs(moved) < 1e-6f);

  std::vector<float> change(info.image_bytes(), 0.5f);
  const TensorOptions tensor_options{Device::cpu, DType::f32, Layout::plain};
  learned.change(std::vector{3}, Tensor::from(change, {1, info.channels, info.height, info.width}, tensor_options));
  CHECK(differs({}) == doctest::Approx(0.5));
  const Tensor three = learned.batch(std::vector{3});
  learned.keep({8, 3});
  CHECK(learned.images() == std::vector{8, 3});
  CHECK(learned.batch(std::vector{3}).floats() == three.floats());  // image 7 was dropped, image 3 was not
  CHECK_FALSE(learned.picture(7));
  CHECK(learned.picture(8)->pixels == data.train.thumbnail(8).pixels);
  CHECK_THROWS_WITH_AS(learned.batch(batch, {.crop = Crop::resized_crop}), doctest::Contains("--augmentation crop"),
                       Error);
}

}  // namespace
}  // namespace mneme::test
