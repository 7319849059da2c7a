// Importances and penalties against PyTorch (tests/golden/make_importance.py), the gradient of the penalty against
// finite differences, and the contract between regularisers and the trainer.

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"
#include "incremental/protocol/task_end.h"
#include "incremental/regularisers/importance.h"
#include "incremental/regularisers/parameter_ops.h"
#include "optim/sgd.h"
#include "tests/incremental/training/one_layer.h"
#include "tests/incremental/training/trainer_bench.h"
#include "tests/support/golden.h"
#include "tests/support/gradcheck.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

using nlohmann::json;

constexpr ImportanceOptions golden_options{.strength = 3};
constexpr double golden_rate = 0.1;

Tensor state_named(Regulariser& regulariser, const std::string& name) {
  for (const auto& [at, tensor] : named_state(regulariser))
    if (at == name) return tensor;
  FAIL("nothing is called ", name);
  return {};
}

std::vector<double> backbone_of(IncrementalNet& net) {
  std::vector<double> flat;
  for (const auto& [name, tensor] : named_state(*net.backbone))
    for (const double v : tensor.values()) flat.push_back(v);
  return flat;
}

/// A task of full-batch steps. It calls all functions of the regulariser that a trainer calls.
struct World : OneLayerWorld {
  Regulariser& regulariser;
  DeviceImages device_images = images();
  double last_penalty = 0;

  explicit World(Regulariser& r, int tasks = 2) : OneLayerWorld(tasks), regulariser(r) {}

  void begin_task() {
    add_classes();
    regulariser.on_classes_added(net);
  }

  void learn(int steps) {
    const TaskContext task = context();
    const Subset& subset = subsets[static_cast<size_t>(task.task)];
    ParameterBlock block(net, [&](const std::string& name) {
      return !name.starts_with("heads.") || net.classifier->part_of(name) == Part::new_classes;
    });
    Sgd sgd(block, {});
    const TermPointer plain = current_cross_entropy();
    plain->begin_task(task);
    if (regulariser.watched()) regulariser.watched()->begin_task(task);
    regulariser.begin_stage(task, block);
    for (int step = 0; step < steps; ++step) take_step(block, sgd, *plain, task, subset);
  }

  void take_step(ParameterBlock& block, Sgd& sgd, LossTerm& plain, const TaskContext& task, const Subset& subset) {
    const Tensor labels = i32(subset.labels);
    const NetOutput output = net.forward(device_images.batch(subset.images), training_mode);
    const BatchView batch{output, nullptr, labels, task};
    block.clear_gradients();
    const Tensor loss = plain.loss(batch);
    if (LossTerm* watched = regulariser.watched()) {
      backward(watched->loss(batch), {}, {.keep_graph = true});
      regulariser.see_gradient(block);
      block.clear_gradients();
    }
    backward(loss);
    if (!regulariser.watched()) regulariser.see_gradient(block);
    const Tensor penalty = regulariser.penalty(block);
    last_penalty = penalty ? penalty.item() : 0;
    regulariser.add_gradient(block);
    sgd.step(golden_rate);
    regulariser.after_update(block);
  }

  void end_task() {
    const TaskContext task = context();
    const Subset& subset = subsets[static_cast<size_t>(task.task)];
    const Augmentation none;
    regulariser.end_task({net, task, device_images, subset, subset, {}, none, OneLayerWorld::images_per_task, 1});
  }
};

std::map<std::string, RegulariserPointer> golden_cases() {
  ImportanceOptions released = golden_options, truth = golden_options;
  released.as_released = true;
  truth.labels = FisherLabels::truth;
  return {{"fisher", fisher_penalty(golden_options)},
          {"fisher as released", fisher_penalty(released)},
          {"fisher of true labels", fisher_penalty(truth)},
          {"sensitivity", sensitivity_penalty(golden_options)},
          {"sensitivity as released", sensitivity_penalty(released)},
          {"path", path_penalty(golden_options)},
          {"path as released", path_penalty(released)},
          {"walk", walk_penalty(golden_options)},
          {"walk as released", walk_penalty(released)}};
}

TEST_CASE("importances, penalties and what they leave of the weights are PyTorch's float64 numbers over two tasks") {
  const json golden = golden_file("importance.json")["cases"];
  const auto cases = golden_cases();
  CHECK(golden.size() == cases.size());
  for (const auto& [name, regulariser] : cases) {
    CAPTURE(name);
    World world(*regulariser);
    for (const json& expected : golden.at(name)) {
      world.begin_task();
      world.learn(25);
      world.end_task();
      CHECK(difference(backbone_of(world.net), expected["backbone"].get<Values>(), 1e-9) == "");
      CHECK(difference(state_named(*regulariser, "importance").values(), expected["importance"].get<Values>(), 1e-8) ==
            "");
      CHECK(world.last_penalty == doctest::Approx(expected["penalty"].get<double>()).epsilon(1e-8));
    }
  }
}

TEST_CASE("a penalty's gradient is its derivative") {
  for (const auto& [name, regulariser] : golden_cases()) {
    CAPTURE(name);
    World world(*regulariser);
    world.begin_task();
    world.learn(5);
    world.end_task();
    world.begin_task();
    ParameterBlock block(world.net, [](const std::string&) { return true; });
    regulariser->begin_stage(world.context(), block);
    double* values = block.values().data<double>();
    for (int64_t i = 0; i < block.values().size(); ++i) values[i] += 0.1 * std::sin(static_cast<double>(i));
    block.clear_gradients();
    regulariser->add_gradient(block);
    std::vector<double> numeric;
    for (int64_t i = 0; i < block.values().size(); ++i)
      numeric.push_back(central_difference(values[i], [&] { return regulariser->penalty(block).item(); }));
    CHECK(compare_with_differences(block.gradients().values(), numeric, 1e-6) == "");
    CHECK(numeric.back() == 0);  // heads are not regularised
  }
}

TEST_CASE("a penalty is zero where the last task ended, and silent in the first task") {
  for (const auto& [name, regulariser] : golden_cases()) {
    CAPTURE(name);
    World world(*regulariser);
    world.begin_task();
    ParameterBlock first(world.net, [](const std::string&) { return true; });
    regulariser->begin_stage(world.context(), first);
    CHECK_FALSE(regulariser->penalty(first).defined());
    world.learn(3);
    world.end_task();
    world.begin_task();
    ParameterBlock second(world.net, [](const std::string&) { return true; });
    regulariser->begin_stage(world.context(), second);
    CHECK(regulariser->penalty(second).item() == 0);
  }
}

TEST_CASE("where the backbone does not learn nothing holds it") {
  for (const auto& [name, regulariser] : golden_cases()) {
    World world(*regulariser);
    world.begin_task();
    world.learn(3);
    world.end_task();
    world.begin_task();
    ParameterBlock heads(world.net, [](const std::string& at) { return at.starts_with("heads."); });
    regulariser->begin_stage(world.context(), heads);
    regulariser->see_gradient(heads);
    regulariser->add_gradient(heads);
    regulariser->after_update(heads);
    CHECK_FALSE(regulariser->penalty(heads).defined());
  }
}

TEST_CASE("the path adds up to what the loss lost, for small steps") {
  // The sum over parameters of -sum g dtheta is, to first order, the decrease of the loss (Zenke et al., eq. 2).
  const RegulariserPointer si = path_penalty(golden_options);
  World world(*si, 1);
  world.begin_task();
  const auto loss = [&] {
    const NoGrad numbers_only;
    const Tensor z =
        world.net.forward(world.device_images.batch(world.subsets[0].images), inference_mode).scores.logits;
    return cross_entropy(z, i32(world.subsets[0].labels)).item();
  };
  // Only the backbone is trained, in tiny steps.
  ParameterBlock block(world.net, [](const std::string& name) { return !name.starts_with("heads."); });
  Sgd sgd(block, {});
  si->begin_stage(world.context(), block);
  const double before = loss();
  for (int step = 0; step < 100; ++step) {
    block.clear_gradients();
    const Tensor z = world.net.forward(world.device_images.batch(world.subsets[0].images), training_mode).scores.logits;
    backward(cross_entropy(z, i32(world.subsets[0].labels)));
    si->see_gradient(block);
    sgd.step(1e-3);
    si->after_update(block);
  }
  const double path = sum(state_named(*si, "path")).item();
  CHECK(before - loss() > 1e-3);
  CHECK(path == doctest::Approx(before - loss()).epsilon(2e-3).scale(0));
}

TEST_CASE("with alpha -1 importances are fused by the share of old classes") {
  ImportanceOptions by_share = golden_options;
  by_share.alpha = -1;
  const auto importance_after_one = [](const ImportanceOptions& o) {
    const RegulariserPointer r = fisher_penalty(o);
    World world(*r, 1);
    world.begin_task();
    world.end_task();
    return state_named(*r, "importance").values();
  };
  ImportanceOptions half = golden_options;
  const std::vector<double> whole = importance_after_one(by_share), halved = importance_after_one(half);
  for (size_t i = 0; i < whole.size(); ++i) CHECK(whole[i] == doctest::Approx(2 * halved[i]).epsilon(1e-12));
}

TEST_CASE("a pass may look at fewer images than there are, and never at none") {
  for (const bool released : {false, true}) {
    ImportanceOptions o = golden_options;
    o.images = 2;
    o.as_released = released;
    const RegulariserPointer r = sensitivity_penalty(o);
    World world(*r, 1);
    world.begin_task();
    world.end_task();
    const Tensor importance = state_named(*r, "importance");
    CHECK(sum(importance).item() > 0);
    for (const double w : importance.values()) CHECK(std::isfinite(w));
  }
}

TEST_CASE("the passes after a task leave the network as it is, running statistics included") {
  for (const auto make : {fisher_penalty, sensitivity_penalty}) {
    TrainerBench bench;
    bench.learn(0);
    const RegulariserPointer r = make({});
    r->on_classes_added(bench.net);
    const State before = state_of(bench.net);
    const Subset& subset = bench.scenario.train[0];
    const TaskContext task = context_of(bench.scenario, 0, subset, false, bench.factory.options());
    const Augmentation none;
    r->end_task({bench.net, task, bench.images, subset, subset, {}, none, 4, 1});
    CHECK(changed(before, state_of(bench.net)).empty());
    CHECK(sum(state_named(*r, "importance")).item() > 0);
  }
}

TEST_CASE("labels drawn from the network's probabilities repeat with the seed") {
  ImportanceOptions o = golden_options;
  o.labels = FisherLabels::drawn;
  const auto importance = [&](uint64_t seed) {
    const RegulariserPointer r = fisher_penalty(o);
    World world(*r, 1);
    world.begin_task();
    const TaskContext task = world.context();
    const Augmentation none;
    r->end_task({world.net, task, world.device_images, world.subsets[0], world.subsets[0], {}, none, 6, seed});
    return state_named(*r, "importance").values();
  };
  CHECK(importance(1) == importance(1));
  bool differs = false;
  for (uint64_t seed = 2; seed < 6; ++seed) differs = differs || importance(seed) != importance(1);
  CHECK(differs);
}

TEST_CASE("kinds of labels have names") {
  for (const FisherLabels labels : {FisherLabels::predicted, FisherLabels::truth, FisherLabels::drawn})
    CHECK(fisher_labels_named(name_of(labels)) == labels);
  CHECK_THROWS_WITH_AS((void)fisher_labels_named("predict"), doctest::Contains("did you mean 'predicted'?"),
                       UsageError);
}

TEST_CASE("the passes over blocks, by hand") {
  for (const Device device : devices()) {
    const TensorOptions tensor_options{device, DType::f32, Layout::plain};
    const auto of = [&](const Values& v) { return Tensor::from(v, {static_cast<int64_t>(v.size())}, tensor_options); };
    const Tensor g = of({1, -2}), x = of({3, 4}), a = of({1, 5});
    pull_towards(g, x, a, of({0.5, 2}), 10);
    CHECK(g.values() == Values{1 + 10 * 0.5 * 2, -2 - 10 * 2 * 1});
    const Tensor squares = of({1, 1}), sizes = of({1, 1}), path = of({1, 1});
    add_squares(squares, of({3, -4}), 0.5);
    add_sizes(sizes, of({3, -4}), 0.5);
    follow_path(path, of({3, -4}), x, a);
    CHECK(squares.values() == Values{5.5, 9});
    CHECK(sizes.values() == Values{2.5, 3});
    CHECK(path.values() == Values{1 - 3 * 2, 1 + 4 * -1});
    CHECK_THROWS_WITH_AS(add_squares(squares, of({1}), 1), doctest::Contains("do not fit"), Error);
  }
}

TEST_CASE("only what gathers while training says so, and the released forms do not return with the best model") {
  for (const auto& [name, regulariser] : golden_cases()) {
    CAPTURE(name);
    const bool gathers = name.starts_with("path") || name.starts_with("walk");
    CHECK(regulariser->gathers_while_training() == gathers);
    CHECK(regulariser->returns_with_best() == !(gathers && name.ends_with("as released")));
  }
}

}  // namespace
}  // namespace mneme::test
