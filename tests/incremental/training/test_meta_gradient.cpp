// Tests of Note [Meta-gradient]: the derivative of a loss after one step by a parameter of the loss of that step.
// Values: docs/methods/properties.md#meta-gradient.

#include "incremental/training/meta_gradient.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/autograd.h"
#include "engine/ops.h"
#include "incremental/losses/distill.h"
#include "incremental/losses/meta_learned_term.h"
#include "incremental/losses/primitives.h"
#include "incremental/method/objective.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/golden.h"
#include "tests/support/op_checks.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

TaskContext second_task(std::vector<int> sizes, std::vector<int64_t> counts) {
  TaskContext task;
  task.task = 1;
  task.task_sizes = std::move(sizes);
  task.class_counts = std::move(counts);
  task.has_exemplars = true;
  task.tensor_options = f64_reference;
  return task;
}

/// The learned term of the objective, with this alpha.
MetaLearnedTerm& with_alpha(const Objective& objective, const TaskContext& task, double alpha) {
  objective.begin_task(task);
  MetaLearnedTerm& term = *objective.meta_learned(task).term;
  term.learn(term.number() - alpha);
  return term;
}

/// A network, a batch for the step, and a batch for the loss after it.
struct Trial {
  Module& net;
  std::function<Tensor(const Tensor& images, Mode mode)> logits;
  Tensor images, labels, later_images, later_labels, teacher;
  TaskContext task;
  Objective objective;
  SgdOptions sgd = {};
  double rate = 0.5;
  Tensor velocity = {};  // the momentum before the step
  std::function<bool(const std::string&)> trainable = [](const std::string&) { return true; };
  Mode later_mode{true, false};

  Tensor judged() const { return cross_entropy(logits(later_images, later_mode), later_labels); }

  /// Calls body(block, sgd, output for the training batch), each time from the same state.
  template <class Body>
  auto from_start(const Body& body) {
    const Snapshot start(net);
    ParameterBlock block(net, trainable);
    Sgd optimiser(block, sgd);
    if (velocity) optimiser.restore(velocity);
    NetOutput student, old;
    student.scores.logits = logits(images, training_mode);
    old.scores.logits = teacher;
    const BatchView view{student, teacher ? &old : nullptr, labels, task};
    const auto result = body(block, optimiser, view);
    start.restore(net);
    return result;
  }

  /// The loss after a step with this alpha.
  double after(double alpha) {
    return from_start([&](ParameterBlock& block, Sgd& optimiser, const BatchView& view) {
      with_alpha(objective, task, alpha);
      block.clear_gradients();
      backward(objective.loss(view));
      optimiser.step(rate);
      return judged().item();
    });
  }

  double slope(double alpha) {
    return from_start([&](ParameterBlock& block, Sgd& optimiser, const BatchView& view) {
      const MetaLearnedTerm& term = with_alpha(objective, task, alpha);
      return meta_gradient(ahead(block, optimiser, view, term));
    });
  }

  VirtualStep ahead(ParameterBlock& block, Sgd& optimiser, const BatchView& view, const MetaLearnedTerm& term) {
    const double factor = objective.meta_learned(task).factor;
    return {block,
            optimiser,
            rate,
            [&view, &term, factor] {
              backward(view.student.scores.logits, scale(term.mixed_derivative(view), factor), {.keep_graph = true});
            },
            [this, &view] { backward(objective.loss(view), {}, {.keep_graph = true}); },
            [this] { return judged(); }};
  }

  double by_difference(double alpha) {
    const double eps = 1e-5 * std::max(1.0, alpha);
    return (after(alpha + eps) - after(alpha - eps)) / (2 * eps);
  }
};

Objective learned_objective(bool with_distillation, const LearnedAlphaOptions& alpha = {.lr = 1, .adam = {}}) {
  Objective objective;
  objective.balance = Balance::rho;
  objective.prediction = {{"learned", 1, learned_balanced_softmax(alpha)}};
  if (with_distillation) objective.distillation = {{"KD", 1, joint_distillation({.eps = 0, .squared = true})}};
  return objective;
}

/// z = x w^T with the values of the documentation.
struct Plane : Module {
  Tensor w = f64({3, 2}, {.2, -.1, 0, .3, .1, .1});
  void each_state(const std::string& at, const Visit& visit) override { visit(join(at, "w"), w, StateKind::parameter); }
};

struct Book {
  Plane plane;
  Trial trial{plane,
              [this](const Tensor& x, Mode) { return linear(x, plane.w, {}); },
              f64({4, 2}, {1, 0, 0, 1, 1, 1, -1, 2}),
              i32({0, 1, 2, 2}),
              f64({3, 2}, {1, .5, .5, 1, 0, 2}),
              i32({0, 1, 2}),
              {},
              second_task({2, 1}, {2, 2, 10}),
              learned_objective(false)};
};

TEST_CASE("a meta-gradient by the book: V, J^T V, the weights after the step, and the slope") {
  Book book;
  Trial& t = book.trial;
  t.from_start([&](ParameterBlock& block, Sgd& sgd, const BatchView& view) {
    const MetaLearnedTerm& term = with_alpha(t.objective, t.task, .8);
    const double factor = t.objective.meta_learned(t.task).factor;
    CHECK(factor == doctest::Approx(1.0 / 3));
    const Tensor v = scale(term.mixed_derivative(view), factor);
    const std::vector<double> flat = v.values();
    CHECK(difference({flat.begin(), flat.begin() + 3}, {.01054574, .00863413, -.01917987}, 1e-6) == "");
    for (size_t row = 0; row < 4; ++row) CHECK(std::abs(flat[3 * row] + flat[3 * row + 1] + flat[3 * row + 2]) < 1e-16);

    const VirtualStep asked = t.ahead(block, sgd, view, term);
    VirtualStep step = asked;
    const std::vector<double> before = block.values().values();
    std::vector<double> h, moved;
    step.add_gradient = [&] {
      CHECK(block.gradients().values() == std::vector<double>(6, 0.0));
      asked.add_gradient();
    };
    step.add_mixed = [&] {
      asked.add_mixed();
      h = block.gradients().values();
    };
    double judged = 0;
    step.loss_after = [&] {
      moved = block.values().values();
      const Tensor loss = asked.loss_after();
      judged = loss.item();
      return loss;
    };
    CHECK(std::abs(meta_gradient(step) - -.0151833844) < 1e-10);
    CHECK(difference(h, {.0137212, .0273073, .0043417, .0517925, -.0180629, -.0790998}, 1e-6) == "");
    CHECK(difference(moved, {.23449876, -.11462204, -.00206228, .31379897, .06756352, .10082307}, 3e-8) == "");
    CHECK(std::abs(judged - 1.0576248460) < 1e-10);
    CHECK(block.values().values() == before);
    CHECK(block.gradients().values() == std::vector<double>(6, 0.0));
    return 0;
  });
}

/// Every step of the weights after a step of alpha, as EpochLoop takes them. The derivative has no counterpart in our
/// code: PyTorch differentiates through the step.
TEST_CASE("twelve steps of weights and alpha are PyTorch's, which differentiates through every step") {
  const nlohmann::json& golden = golden_file("learned_alpha.json");
  for (const nlohmann::json& row : golden["training"]) {
    CAPTURE(row["optimizer"].get<std::string>());
    Book book;
    Trial& t = book.trial;
    LearnedAlphaOptions options{.lr = row["lr"]};
    if (row["optimizer"] == "sgd") options.adam.reset();
    t.objective = learned_objective(false, options);
    t.objective.begin_task(t.task);
    MetaLearnedTerm& alpha = *t.objective.meta_learned(t.task).term;
    ParameterBlock block(book.plane, t.trainable);
    Sgd sgd(block, {.momentum = golden["sgd"]["momentum"], .weight_decay = golden["sgd"]["weight_decay"]});
    for (size_t step = 0; step < row["alphas"].size(); ++step) {
      NetOutput student;
      student.scores.logits = t.logits(t.images, training_mode);
      const BatchView view{student, nullptr, t.labels, t.task};
      const double slope = meta_gradient(t.ahead(block, sgd, view, alpha));
      CHECK(std::abs(slope - row["derivatives"][step].get<double>()) < 1e-12);
      alpha.learn(slope);
      CHECK(std::abs(alpha.number() - row["alphas"][step].get<double>()) < 1e-11);
      backward(t.objective.loss(view));
      sgd.step(t.rate);
      block.clear_gradients();
    }
    CHECK(difference(block.values().values(), row["weights"].get<std::vector<double>>(), 1e-10) == "");
  }
}

TEST_CASE("the slope is that of differences: a linear model, with every kind of optimiser (36)") {
  for (const SgdOptions sgd : {SgdOptions{}, SgdOptions{.momentum = .9}, SgdOptions{.weight_decay = .3},
                               SgdOptions{.momentum = .7, .weight_decay = .1, .nesterov = true}})
    for (const double alpha : {.3, .8, 2.0}) {
      Book book;
      book.trial.sgd = sgd;
      if (sgd.momentum > 0) book.trial.velocity = f64({6}, {.3, -.2, .1, .5, 0, -.4});
      const double expected = book.trial.by_difference(alpha);
      CHECK(std::abs(book.trial.slope(alpha) - expected) < 1e-6 * std::abs(expected));
    }
}

/// A ResNet-8 with batch norm, two old classes and two new ones.
struct Deep {
  Factory factory{3, Device::reference, DType::f64};
  IncrementalNet net{std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8}, factory),
                     std::make_unique<LinearHeads>(64)};
  Trial trial{net,
              [this](const Tensor& x, Mode mode) { return net.forward(x, mode).scores.logits; },
              drawn("images", {6, 3, 8, 8}),
              i32({0, 1, 2, 2, 3, 3}),
              drawn("later", {4, 3, 8, 8}),
              i32({0, 1, 2, 3}),
              {},
              second_task({2, 2}, {4, 4, 30, 30}),
              learned_objective(true)};

  Deep() {
    net.add_classes(2, factory);
    net.add_classes(2, factory);
    trial.teacher = drawn("teacher", {6, 2});
    trial.rate = 0.02;
  }
  static Tensor drawn(const char* name, const Shape& shape) {
    return f64(shape, drawn_values(name, shape.elements(), Draw::any));
  }
};

TEST_CASE("the slope is that of differences: convolutions, batch norm, distillation, momentum, decay (36)") {
  Deep deep;
  deep.trial.sgd = {.momentum = .9, .weight_decay = 1e-2, .nesterov = true};
  const double expected = deep.trial.by_difference(.8);
  CHECK(std::abs(expected) > 1e-9);
  CHECK(std::abs(deep.trial.slope(.8) - expected) < 1e-4 * std::abs(expected));
}

TEST_CASE("the slope is that of differences: a backbone that rests, and running statistics after the step (36)") {
  Deep deep;
  deep.trial.trainable = [&](const std::string& name) { return deep.net.part_of(name) != Part::backbone; };
  deep.trial.later_mode = inference_mode;
  deep.trial.rate = 0.5;
  const double expected = deep.trial.by_difference(.8);
  CHECK(std::abs(expected) > 1e-9);
  CHECK(std::abs(deep.trial.slope(.8) - expected) < 1e-5 * std::abs(expected));
}

TEST_CASE("alpha does nothing where all classes are old or none is (37)") {
  for (const std::vector<int>& sizes : {std::vector<int>{3, 0}, {0, 3}}) {
    Book book;
    book.trial.task = second_task(sizes, {2, 2, 10});
    CHECK(std::abs(book.trial.slope(.8)) < 1e-17);
  }
}

TEST_CASE("without a step there is no slope, and small steps make it proportional (38)") {
  Book book;
  book.trial.rate = 0;
  CHECK(book.trial.slope(.8) == 0);
  book.trial.rate = 1e-4;
  const double small = book.trial.slope(.8) / 1e-4;
  book.trial.rate = 1e-6;
  CHECK(book.trial.slope(.8) / 1e-6 == doctest::Approx(small).epsilon(1e-3).scale(0));
}

TEST_CASE("a meta-gradient leaves weights, momentum and running statistics to the bit (39, 40)") {
  Deep deep;
  Trial& t = deep.trial;
  t.sgd = {.momentum = .9};
  t.from_start([&](ParameterBlock& block, Sgd& sgd, const BatchView& view) {
    const auto all = [&] {
      std::vector<std::vector<double>> numbers{sgd.velocity().values()};
      for (const auto& [name, tensor] : named_state(deep.net)) numbers.push_back(tensor.values());
      return numbers;
    };
    const MetaLearnedTerm& term = with_alpha(t.objective, t.task, .8);
    backward(t.objective.loss(view), {}, {.keep_graph = true});
    sgd.step(1e-3);
    const auto before = all();
    meta_gradient(t.ahead(block, sgd, view, term));
    CHECK((all() == before));
    return 0;
  });
}

TEST_CASE("alpha stays between its bounds and begins every task with 1 (41)") {
  const Objective objective = learned_objective(false);
  const TaskContext task = second_task({2, 1}, {2, 2, 10});
  MetaLearnedTerm& term = with_alpha(objective, task, .8);
  CHECK(term.number() == doctest::Approx(.8));
  term.learn(1e6);
  CHECK(term.number() == 1e-3);
  term.learn(-1e6);
  CHECK(term.number() == 10);
  objective.begin_task(task);
  CHECK(term.number() == 1);
}

TEST_CASE("old images want alpha lower, new ones higher (42)") {
  Book book;
  book.trial.later_labels = i32({0, 1, 1});
  CHECK(book.trial.slope(1) > 0);
  book.trial.later_labels = i32({2, 2, 2});
  CHECK(book.trial.slope(1) < 0);
}

TEST_CASE("in the first task there is nothing to learn ahead") {
  TaskContext first = second_task({2, 1}, {2, 2, 10});
  first.task = 0;
  first.task_sizes = {3};
  CHECK(learned_objective(false).meta_learned(first).term == nullptr);
}

}  // namespace
}  // namespace mneme::test
