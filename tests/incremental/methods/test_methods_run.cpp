// What methods do to a network, seen from outside: which parameters move in which task, and which runs are the same.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/batches/augment.h"
#include "engine/autograd.h"
#include "incremental/losses/primitives.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

bool is_backbone(const std::string& name) { return !name.starts_with("heads."); }

std::vector<std::string> heads_among(const std::vector<std::string>& names) {
  std::vector<std::string> heads;
  std::copy_if(names.begin(), names.end(), std::back_inserter(heads),
               [](const auto& name) { return !is_backbone(name); });
  return heads;
}
int64_t backbone_among(const std::vector<std::string>& names) {
  return std::count_if(names.begin(), names.end(), is_backbone);
}

ExperimentOptions with_memory(const std::string& method, int per_class) {
  ExperimentOptions o = tiny_options(method);
  o.memory = {MemoryBudget::Kind::per_class, per_class, false};
  return o;
}

int64_t all_backbone_tensors() {
  Factory factory(1, Device::cpu);
  CifarResNet net({.depth = 8}, factory);
  return static_cast<int64_t>(named_state(net).size());
}

/// The mean of a head's class weights, and of its biases behind them: what all its logits have in common.
std::vector<double> mean_of_head(const State& state, const std::string& head) {
  const std::vector<float>&weights = state.at(head + ".weight"), &biases = state.at(head + ".bias");
  const size_t classes = biases.size(), width = weights.size() / classes;
  std::vector<double> mean(width + 1);
  for (size_t c = 0; c < classes; ++c) {
    for (size_t i = 0; i < width; ++i) mean[i] += weights[c * width + i] / static_cast<double>(classes);
    mean[width] += biases[c] / static_cast<double>(classes);
  }
  return mean;
}

TEST_CASE("finetuning without exemplars leaves old heads bit for bit alone while everything else moves") {
  const Finished run = finish(tiny_options("finetuning"));
  const std::vector<std::string> moved = changed(run.states[0], run.states[1]);
  CHECK(heads_among(moved) == std::vector<std::string>{"heads.1.bias", "heads.1.weight"});  // new ones
  CHECK(backbone_among(moved) == all_backbone_tensors());
}

TEST_CASE("with exemplars, or asked for all outputs, finetuning trains old heads too") {
  const std::vector<std::string> all = {"heads.0.bias", "heads.0.weight", "heads.1.bias", "heads.1.weight"};
  const Finished dry = finish(with_memory("finetuning", 2));
  CHECK(heads_among(changed(dry.states[0], dry.states[1])) == all);
  ExperimentOptions o = tiny_options("finetuning");
  o.method_options.all_outputs = true;
  const Finished joined = finish(o);
  CHECK(heads_among(changed(joined.states[0], joined.states[1])) == all);
}

TEST_CASE("warm-up passes over exemplars: their classes are not the new head's") {
  ExperimentOptions o = with_memory("finetuning", 2);
  o.train.warmup_epochs = 2;
  CHECK_NOTHROW((void)finish(o));
}

TEST_CASE("distillation leaves old heads alone, too, yet reaches the backbone through them") {
  const Finished lwf = finish(tiny_options("lwf")), finetuning = finish(tiny_options("finetuning"));
  CHECK(heads_among(changed(lwf.states[0], lwf.states[1])) ==
        std::vector<std::string>{"heads.1.bias", "heads.1.weight"});
  CHECK(changed(lwf.states[1], finetuning.states[1]).size() > 20);
}

TEST_CASE("softmax never learns a head's level: its mean stays as it was drawn, unless binary prediction moves it") {
  // Gradients of softmax add up to zero over its classes. So the level is that of the initial weights, which the seed
  // gives alike to all methods.
  const auto second_task = [](const std::string& method, double rate) {
    ExperimentOptions o = tiny_options(method);
    o.train.epochs = 3;
    o.train.sgd.weight_decay = 0;
    o.train.learning_rate = rate;
    return finish(o).states[1];
  };
  const auto farthest = [](const auto& a, const auto& b) {
    double most = 0;
    for (size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
    return most;
  };
  const State drawn = second_task("lwf", 1e-9);
  for (const std::string method : {"lwf", "lwf-s", "lwf-sr", "lwf-br", "lwf-bsr", "lwf-br2"}) {
    const State learned = second_task(method, 0.05);
    for (const std::string head : {"heads.0", "heads.1"}) {
      CAPTURE(method);
      CAPTURE(head);
      CHECK(farthest(learned.at(head + ".weight"), drawn.at(head + ".weight")) > 1e-2);
      const double moved = farthest(mean_of_head(learned, head), mean_of_head(drawn, head));
      if (method == "lwf-br2")
        CHECK(moved > 1e-3);
      else
        CHECK(moved < 1e-6);
    }
  }
}

TEST_CASE("distillation of weight zero is finetuning") {
  ExperimentOptions o = tiny_options("lwf");
  o.method_options.lambda = 0;
  CHECK(distance(finish(o).states[1], finish(tiny_options("finetuning")).states[1]) < 1e-6);
}

TEST_CASE("equal seeds give equal first tasks, whatever guards the old classes later") {
  const Finished finetuning = finish(tiny_options("finetuning"));
  for (const char* method : {"lwf", "lwf-s", "lwf-sr", "lwf-br", "lwf-bsr", "freezing", "joint"}) {
    CAPTURE(method);
    CHECK(changed(finetuning.states[0], finish(tiny_options(method)).states[0]).empty());
  }
  CHECK(changed(finetuning.states[0], finish(with_memory("il-baseline", 2)).states[0]).empty());
  // Equal counts shift all logits alike; what that rounds differently grows over the steps.
  CHECK(distance(finetuning.states[0], finish(with_memory("il-baseline-balanced", 2)).states[0]) == 0);
  CHECK(distance(finetuning.states[0], finish(tiny_options("lwf-br2")).states[0]) > 1e-3);
  ExperimentOptions other = tiny_options("finetuning");
  other.seed = 2;
  CHECK(distance(finetuning.states[0], finish(other).states[0]) > 1e-2);
}

TEST_CASE("with one old task LwF-S is LwF, and the variants that add a binary term are not") {
  const Finished lwf = finish(tiny_options("lwf"));
  CHECK(distance(lwf.states[1], finish(tiny_options("lwf-s")).states[1]) < 1e-6);
  for (const char* method : {"lwf-sr", "lwf-br", "lwf-br2", "lwf-bsr"})
    CHECK(distance(lwf.states[1], finish(tiny_options(method)).states[1]) > 1e-4);
}

TEST_CASE("freezing leaves the backbone and its statistics untouched after the first task") {
  const Finished alone = finish(tiny_options("freezing"));
  CHECK(changed(alone.states[0], alone.states[1]) == std::vector<std::string>{"heads.1.bias", "heads.1.weight"});
  const Finished dry = finish(with_memory("freezing", 2));
  const std::vector<std::string> moved = changed(dry.states[0], dry.states[1]);
  CHECK(heads_among(moved).size() == 4);
  CHECK(backbone_among(moved) == 0);
}

TEST_CASE("freezing can wait for a later task, or start before the first") {
  ExperimentOptions o = tiny_options("freezing");
  o.scenario.tasks = 3;
  o.method_options.freeze_after = 1;
  const ResidentDataset six = tiny_data(6, 8, 2);
  const Finished late = finish(o, six);
  CHECK(backbone_among(changed(late.states[0], late.states[1])) == all_backbone_tensors());
  CHECK(backbone_among(changed(late.states[1], late.states[2])) == 0);

  o.method_options.freeze_after = -1;
  Factory factory(o.seed, Device::cpu);
  CifarResNet untrained({.depth = 8}, factory);
  const Finished never = finish(o, six);
  for (const State& state : never.states)
    for (const auto& [name, numbers] : state_of(untrained)) CHECK_MESSAGE(state.at(name) == numbers, name);
}

TEST_CASE("joint training sees the union of all tasks so far, each image once, and no exemplars") {
  const ResidentDataset data = tiny_data();
  Experiment experiment(tiny_options("joint"), data);
  const ScratchFolder scratch;
  RunFolder folder(scratch / "run");
  const Scenario& s = experiment.scenario();
  ExperimentCallbacks callbacks;
  callbacks.on_task_start = [&](int task, const TaskContext& context, const Subset& subset) {
    Subset expected = s.train[0];
    if (task == 1) expected.append(s.train[1]);
    CHECK(subset.images == expected.images);
    CHECK(subset.labels == expected.labels);
    CHECK(context.class_counts == std::vector<int64_t>(task == 0 ? 2 : 4, 6));
    CHECK_FALSE(context.has_exemplars);
  };
  experiment.run(folder, callbacks);
}

TEST_CASE("joint training is judged on the validation images of all tasks so far") {
  // All old validation images are given the wrong colour: were they left out, the accuracy could not notice.
  ResidentDataset data = tiny_data();
  ExperimentOptions o = tiny_options("joint");
  o.train.epochs = 6;
  const Scenario s = make_scenario(data, o.scenario, o.seed);
  const auto accuracies = [&] {
    std::vector<double> of_epochs;
    for (const EpochRecord& epoch : finish(o, data).result.epochs) of_epochs.push_back(*epoch.validation_accuracy);
    return of_epochs;
  };
  const std::vector<double> before = accuracies();
  for (const int image : s.validation[0].images)
    for (size_t p = 0; p < data.train.info.image_bytes(); ++p)
      data.train.pixels[static_cast<size_t>(image) * data.train.info.image_bytes() + p] ^= 0xFF;
  CHECK(accuracies() != before);
}

TEST_CASE("with equal counts balanced softmax trains like softmax") {
  // Every training image is kept, so that old and new classes have as many.
  const Finished plain = finish(with_memory("il-baseline", 6)),
                 balanced = finish(with_memory("il-baseline-balanced", 6));
  REQUIRE(plain.step_losses.size() == 2 + 4);
  CHECK(plain.step_losses == balanced.step_losses);
  const Finished few = finish(with_memory("il-baseline", 1)),
                 few_balanced = finish(with_memory("il-baseline-balanced", 1));
  CHECK(std::abs(few.step_losses.back() - few_balanced.step_losses.back()) > 1e-2);
}

/// Loss of the first step of task 1 with all images in one batch, batch norm fixed and nothing augmented, beside the
/// same by hand from the network as it was.
struct FirstStep {
  double loss = 0;
  Tensor logits, labels;  // of all images, by the network before the step
  std::vector<int64_t> counts;
};

FirstStep first_step(ExperimentOptions o) {
  o.train.batch_size = 100;
  o.train.augmentation = {};
  o.train.fix_bn = true;
  const ResidentDataset data = tiny_data();
  Experiment experiment(o, data);
  const ScratchFolder scratch;
  RunFolder folder(scratch / "run");
  FirstStep out;
  ExperimentCallbacks callbacks;
  callbacks.on_task_start = [&](int task, const TaskContext& context, const Subset& subset) {
    if (task == 0) return;
    const NoGrad numbers_only;
    const DeviceImages images(data.train, Device::cpu);
    out.logits = experiment.net().forward(images.batch(subset.images), inference_mode).scores.logits;
    out.labels = Tensor::from(subset.labels, {static_cast<int64_t>(subset.size())}, Device::cpu);
    out.counts = context.class_counts;
  };
  callbacks.training.on_step = [&](const StepReport& step) {
    if (step.task == 1) out.loss = step.loss;
  };
  experiment.run(folder, callbacks);
  return out;
}

Tensor columns(const Tensor& x, int64_t begin, int64_t end) { return slice_columns(x, begin, end); }

TEST_CASE("LwF's loss is the new head's cross-entropy plus lambda times J, the old logits being the teacher's still") {
  ExperimentOptions o = tiny_options("lwf");
  o.method_options.lambda = 3;
  const FirstStep step = first_step(o);
  std::vector<int> local = step.labels.ints();
  for (int& label : local) label -= 2;
  const Tensor old = columns(step.logits, 0, 2), labels = Tensor::from(local, step.labels.shape(), Device::cpu);
  const double expected =
      cross_entropy(columns(step.logits, 2, 4), labels).item() + 3 * distillation(old, old, 2, 1e-5).item();
  CHECK(step.loss == doctest::Approx(expected).epsilon(1e-5));
}

TEST_CASE("IL-Baseline's loss weighs T squared KD by the share of old classes, cross-entropy by that of the new") {
  for (const bool balanced : {false, true}) {
    ExperimentOptions o = with_memory(balanced ? "il-baseline-balanced" : "il-baseline", 2);
    o.scenario.base_classes = 3;  // rho = 3/4
    o.method_options.alpha = 0.5;
    const FirstStep step = first_step(o);
    CHECK(step.counts == std::vector<int64_t>{2, 2, 2, 6});
    const Tensor old = columns(step.logits, 0, 3);
    const Tensor weights = Tensor::from(std::vector<double>{std::log(1), std::log(1), std::log(1), std::log(6)}, {4},
                                        step.logits.options());
    const double prediction =
        (balanced ? balanced_cross_entropy(step.logits, step.labels, weights) : cross_entropy(step.logits, step.labels))
            .item();
    CHECK(step.loss == doctest::Approx(0.25 * prediction + 0.75 * 4 * distillation(old, old, 2).item()).epsilon(1e-5));
  }
}

TEST_CASE("every method learns to tell the first task's pictures apart") {
  const ResidentDataset data = tiny_data(4, 8, 12);
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    ExperimentOptions o = tiny_options_for(method.name);
    o.train.augmentation = {};  // moved or mirrored, noise pictures are other pictures
    o.train.epochs = 8;
    o.scenario.stop_after = 1;
    const Finished run = finish(o, data);
    CHECK(run.result.task_aware.at(0, 0) == 1);
    CHECK(run.result.tasks_done() == 1);
  }
}

TEST_CASE("unknown methods meet the nearest, and every method says what it is") {
  CHECK_THROWS_WITH_AS((void)make_method("fine-tuning", {}), doctest::Contains("did you mean 'finetuning'?"),
                       UsageError);
  std::set<std::string> names;
  for (const MethodInfo& info : all_methods()) {
    const Method method = make_method(info.name, {});
    CHECK(method.name == info.name);
    CHECK(method.description.size() > 20);
    CHECK(info.summary.size() > 10);
    names.insert(info.name);
  }
  CHECK(names.size() == all_methods().size());
}

}  // namespace
}  // namespace mneme::test
