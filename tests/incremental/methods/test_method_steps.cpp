// Whole methods over three tasks, step by step, against a PyTorch program that was derived anew from papers and
// released code (tests/golden/make_method_steps.py): terms and weights, what learns and what rests, momentum,
// imprinting, later stages.

#include <doctest/doctest.h>

#include <cmath>

#include "data/batches/augment.h"
#include "engine/ops.h"
#include "incremental/methods/registry.h"
#include "incremental/methods/slots.h"
#include "incremental/training/trainer.h"
#include "tests/incremental/losses/loss_inputs.h"
#include "tests/support/golden.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

constexpr int tasks = 3, classes_per_task = 2, images_per_task = 6;

/// (N, 3, 2, 2) -> two maps (N, 4, 2, 2) by convolutions of 1x1, a ReLU between them; the feature is the mean of the
/// last over its pixels, and has both signs.
struct TwoMaps : Backbone {
  Tensor first = drawn_tensor("first", {4, 3, 1, 1}), second = drawn_tensor("second", {4, 4, 1, 1});

  Features forward(const Tensor& images, Mode) override {
    Features out;
    out.maps = {relu(conv2d(images, first, {}))};
    out.maps.push_back(conv2d(out.maps[0], second, {}));
    out.pooled = global_average_pool(out.maps[1]);
    return out;
  }
  int64_t feature_size() const override { return 4; }
  std::unique_ptr<Backbone> copy() const override { return std::make_unique<TwoMaps>(*this); }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "first"), first, StateKind::parameter);
    visit(join(at, "second"), second, StateKind::parameter);
  }
};

/// The images of all tasks, and exemplars: the first images of each class.
struct World {
  ResidentImages pixels;
  std::vector<Subset> own;

  World() {
    pixels.info = {"four pixels", 3, 2, 2, {}, {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}};
    for (int task = 0; task < tasks; ++task) {
      Subset subset;
      for (const double v : drawn_values("pixels" + std::to_string(task), images_per_task * 12, Draw::any))
        pixels.pixels.push_back(static_cast<uint8_t>(128 + 100 * v));
      for (int i = 0; i < images_per_task; ++i) {
        pixels.labels.push_back(classes_per_task * task + i % classes_per_task);
        subset.append({{images_per_task * task + i}, {pixels.labels.back()}});
      }
      own.push_back(subset);
    }
    pixels.info.class_names.assign(tasks * classes_per_task, "class");
  }

  Subset first_of(int task, int count) const {
    Subset subset;
    const Subset& all = own[static_cast<size_t>(task)];
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) subset.append({{all.images[i]}, {all.labels[i]}});
    return subset;
  }
  /// Four exemplars in all: two of each class in the second task, and one of each class in the third.
  static int kept_of_a_task(int task) { return task == 1 ? 4 : 2; }
  Subset exemplars(int task) const {
    Subset subset;
    for (int old = 0; old < task; ++old) subset.append(first_of(old, kept_of_a_task(task)));
    return subset;
  }
  Subset training(int task) const {
    Subset subset = own[static_cast<size_t>(task)];
    subset.append(exemplars(task));
    return subset;
  }
  Subset balanced(int task) const {
    Subset subset = exemplars(task);
    subset.append(first_of(task, kept_of_a_task(task)));
    return subset;
  }
};

/// A method with a network, trained as the script trains it.
struct Course {
  World world;
  DeviceImages images{world.pixels, Device::reference, DType::f64};
  Factory factory{1, Device::reference, DType::f64};
  Method method;
  IncrementalNet net;
  std::unique_ptr<IncrementalNet> teacher;
  TrainOptions options;
  NamedMomentum momentum;
  bool keeps_momentum = false;
  std::vector<double> losses;

  explicit Course(const std::string& name, const MethodOptions& method_options = {})
      : method(make_method(name, method_options)),
        net(std::make_unique<TwoMaps>(), make_classifier(method.network.classifier, 4, factory)) {
    options.epochs = 6;  // one step each
    options.batch_size = 100;
    options.learning_rate = 0.1;
    options.schedule = ScheduleKind::constant;
    options.sgd = {.momentum = 0.9, .weight_decay = 0.01};
    options.augmentation = {};
  }

  static void draw(Linear& head, int task) {
    head.weight.copy_from(drawn_tensor("head" + std::to_string(task), {2, 4}));
    head.bias.copy_from(drawn_tensor("head bias" + std::to_string(task), {2}));
  }

  /// The weights of the newest classes are those that the script draws.
  void set_first_weights() {
    const int task = net.tasks() - 1;
    if (auto* linear = dynamic_cast<LinearHeads*>(net.classifier.get())) {
      if (!method.network.whole_head) draw(linear->heads.back(), task);
    } else {
      auto& cosine = static_cast<CosineHeads&>(*net.classifier);
      const bool proxies = cosine.weights.back().dim(0) > 2;
      cosine.weights.back().copy_from(
          drawn_tensor((proxies ? "proxies" : "head") + std::to_string(task), cosine.weights.back().shape()));
    }
  }

  void reserve_head() {
    net.classifier->reserve(std::vector<int>(tasks, classes_per_task), factory);
    auto& linear = static_cast<LinearHeads&>(*net.classifier);
    for (int task = 0; task < tasks; ++task) draw(linear.reserved[static_cast<size_t>(task)], task);
  }

  void learn(int task) {
    net.add_classes(classes_per_task, factory);
    set_first_weights();
    method.on_classes_added(net);
    const Subset train = world.training(task);
    TaskContext context;
    context.task = task;
    context.task_sizes = net.task_sizes;
    context.class_counts.assign(static_cast<size_t>(net.classes()), 0);
    for (const int label : train.labels) ++context.class_counts[static_cast<size_t>(label)];
    context.has_exemplars = task > 0;
    context.tensor_options = factory.options();
    TaskData data{train, {}};
    data.balanced = [&](const Stage&) { return world.balanced(task); };
    if (keeps_momentum) data.momentum = &momentum;
    losses.clear();
    const TrainingCallbacks callbacks{[&](const StepReport& step) { losses.push_back(step.loss); }, {}, {}};
    Trainer(net, method, options, images, 1, callbacks).learn(context, data, teacher.get());
    teacher = net.frozen_copy();
  }

  /// The values of the parameters whose names start with `begin` and end with `end`, in the order of tasks.
  std::vector<double> numbers(const std::string& begin, const std::string& end) {
    std::vector<double> all;
    for (const auto& [name, tensor] : named_state(net))
      if (name.starts_with(begin) && name.ends_with(end))
        for (const double value : tensor.values()) all.push_back(value);
    return all;
  }
};

/// All values of the script's parameters whose names start with `begin`, in the order of tasks.
std::vector<double> stored_numbers(const nlohmann::json& state, const std::string& begin) {
  std::vector<double> all;
  for (const auto& [name, values] : state.items())
    if (name.starts_with(begin))
      for (const double value : values) all.push_back(value);
  return all;
}

/// Learns three tasks, and compares losses and parameters after each. `scale` is the script's name of the classifier's
/// scale. From the second task on imprinted weights agree to single precision alone, in which imprinting is given the
/// features.
void check(Course& course, const char* golden, const char* scale = nullptr) {
  for (int task = 0; task < tasks; ++task) {
    CAPTURE(task);
    const double close = task > 0 && course.method.imprints ? 1e-5 : 1e-9;
    const nlohmann::json& record = golden_file("method_steps.json")["cases"][golden][static_cast<size_t>(task)];
    course.learn(task);
    CHECK(difference(course.losses, record["losses"].get<std::vector<double>>(), close) == "");
    const nlohmann::json& state = record["state"];
    for (const char* name : {"first", "second"})
      CHECK(difference(course.numbers(name, name), state[name].get<std::vector<double>>(), close) == "");
    CHECK(difference(course.numbers("heads.", ".weight"), stored_numbers(state, "weight"), close) == "");
    if (scale) CHECK(difference(course.numbers("scale", ""), stored_numbers(state, scale), close) == "");
    if (!scale) CHECK(difference(course.numbers("heads.", ".bias"), stored_numbers(state, "bias"), close) == "");
  }
}

TEST_CASE("SS-IL as released is PyTorch's, step by step: one head and one optimiser for all tasks") {
  MethodOptions options;
  set_option(options, "--as-released", true);
  set_option(options, "--replay-batch", 4);
  Course course("ss-il", options);
  course.reserve_head();
  course.options.batch_size = images_per_task;  // the batch holds all new images, and exemplars are added to it
  course.keeps_momentum = true;
  check(course, "ss-il");
}

TEST_CASE("DER++ is PyTorch's, step by step") {
  MethodOptions options;
  set_option(options, "--replay-batch", 4);
  Course course("derpp", options);
  course.options.batch_size = images_per_task;
  check(course, "derpp");
}

TEST_CASE("LUCIR in SS-IL's suite as released is PyTorch's, step by step: imprinting, margin, scale, resting weights") {
  MethodOptions options;
  set_option(options, "--as-released", true);
  Course course("lucir-ss-il", options);
  check(course, "lucir-ss-il", "eta");
}

TEST_CASE("PODNet as released is PyTorch's, step by step, with its second stage on balanced images") {
  MethodOptions options;
  set_option(options, "--as-released", true);
  set_option(options, "--balanced-epochs", 3);
  Course course("podnet", options);
  course.method.imprints = false;  // clusters are drawn at random, and have tests of their own
  check(course, "podnet", "scale");
}

}  // namespace
}  // namespace mneme::test
