// Weights with which networks begin (--pretrained): which files fit, what is refused, and that training from them is
// PyTorch's (tests/golden/make_pretrained.py).

#include "incremental/models/pretrained.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "data/files/file_bytes.h"
#include "incremental/experiment/reused_run.h"
#include "incremental/experiment/settings.h"
#include "incremental/models/model_file.h"
#include "incremental/training/network_pair.h"
#include "incremental/training/trainer.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/golden.h"
#include "tests/support/messages.h"
#include "tests/support/op_checks.h"
#include "tests/support/resnet_formula.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr TensorOptions f32_plain{Device::reference, DType::f32, Layout::plain};

/// The tensors of a network as torchvision names them, with the counts that PyTorch saves beside the statistics.
NamedTensors as_torchvision(IncrementalNet& net) {
  NamedTensors tensors;
  for (auto& [name, tensor] : named_state(net)) {
    const std::string head = "heads.0.";
    tensors.emplace_back(name.starts_with(head) ? "fc." + name.substr(head.size()) : name, tensor);
    if (name.ends_with("running_var"))
      tensors.emplace_back(name.substr(0, name.rfind('.')) + ".num_batches_tracked",
                           Tensor::from(std::vector<int>{7}, {1}, Device::reference));
  }
  return tensors;
}

/// A file in a folder of its own.
struct File {
  ScratchFolder scratch;
  fs::path path = scratch / "weights.safetensors";

  explicit File(const NamedTensors& tensors) { write(tensors); }
  void write(const NamedTensors& tensors) const { scratch.write("weights.safetensors", to_safetensors(tensors)); }
};

NamedTensors resnet8_tensors(int classes = 10) {
  return as_torchvision(*resnet(Device::reference, DType::f32, {classes}, "resnet8"));
}

/// The file that tests/golden/make_pretrained.py describes.
NamedTensors formula_tensors() {
  const auto net = resnet(Device::reference, DType::f32, {4}, "resnet14");
  set_formula_state(*net, true);
  return as_torchvision(*net);
}

ResidentImages formula_images() {
  const json& s = golden_file("pretrained.json")["settings"];
  const int side = s["side"], count = s["images"], classes = s["classes"];
  ResidentImages images;
  images.info = {"formula", 3, side, side, {}, {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}}};
  for (const double v : drawn_values("pretrained/pixels", int64_t{count} * 3 * side * side, Draw::any))
    images.pixels.push_back(static_cast<uint8_t>(128 + 100 * v));
  for (int i = 0; i < count; ++i) images.labels.push_back(i % classes);
  for (int c = 0; c < classes; ++c) images.info.class_names.push_back(fmt::format("class {}", c));
  return images;
}

TrainOptions golden_training() {
  const json& s = golden_file("pretrained.json")["settings"];
  TrainOptions train;
  train.epochs = s["steps"];  // one step each
  train.batch_size = 100;
  train.learning_rate = s["lr"];
  train.schedule = ScheduleKind::constant;
  train.sgd = {.momentum = s["momentum"], .weight_decay = s["weight_decay"]};
  train.augmentation = {};
  return train;
}

/// The losses of the golden file's steps, taken by our trainer in float64 from what `pretrained` holds.
Values golden_losses(IncrementalNet& net) {
  const ResidentImages pixels = formula_images();
  const DeviceImages images(pixels, Device::reference, DType::f64);
  Subset all;
  for (int i = 0; i < pixels.size(); ++i) all.append({{i}, {pixels.labels[static_cast<size_t>(i)]}});
  TaskContext context;
  context.task_sizes = net.task_sizes;
  context.class_counts.assign(static_cast<size_t>(net.classes()), 2);
  context.tensor_options = f64_reference;
  Method method = make_method("finetuning", {});
  method.on_classes_added(net);
  Values losses;
  const TrainingCallbacks callbacks{[&](const StepReport& step) { losses.push_back(step.loss); }, {}, {}};
  Trainer(net, method, golden_training(), images, 1, callbacks).learn(context, {all, {}}, nullptr);
  const NoGrad numbers_only;
  std::vector<int> places(static_cast<size_t>(pixels.size()));
  for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<int>(i);
  const Values logits = net.forward(images.batch(places), inference_mode).scores.logits.values();
  losses.insert(losses.end(), logits.begin(), logits.end());
  return losses;
}

TEST_CASE("ten steps from a file are PyTorch's fine-tuning in float64, with the file's head and with another") {
  const json& golden = golden_file("pretrained.json");
  Values expected = golden["losses"].get<Values>();
  const Values logits = golden["last_logits"].get<Values>();  // running statistics decide about these
  expected.insert(expected.end(), logits.begin(), logits.end());
  const File file(formula_tensors());
  for (const bool keep_head : {true, false}) {
    CAPTURE(keep_head);
    const auto net = resnet(Device::reference, DType::f64, {4}, "resnet14");
    const auto pretrained = read_pretrained(file.path, keep_head);
    check_fits(*pretrained, *net, "resnet14");
    const State before = state_of(*net);
    begin_with(*net, pretrained->weights);
    if (!keep_head) {
      CHECK(state_of(*net).at("heads.0.weight") == before.at("heads.0.weight"));
      auto& head = static_cast<LinearHeads&>(*net->classifier).heads[0];
      head.weight.copy_from(Tensor::from(formula_values("heads.0.weight", {4, 64}), {4, 64}, f64_reference));
      head.bias.copy_from(Tensor::from(formula_values("heads.0.bias", {4}), {4}, f64_reference));
    }
    CHECK(difference(golden_losses(*net), expected, 1e-9) == "");
  }
}

TEST_CASE("a run begins with the file's weights, and in float32 its losses stay near PyTorch's") {
  const File file(formula_tensors());
  const ResidentDataset data{formula_images(), formula_images()};
  ExperimentOptions options = tiny_options("finetuning");
  options.scenario = {.tasks = 1, .base_classes = {}, .order = "identity", .validation_fraction = 0, .stop_after = 0};
  options.train = golden_training();
  options.network.name = "resnet14";
  options.pretrained = read_pretrained(file.path, true);
  const Values expected = golden_file("pretrained.json")["losses"].get<Values>(),
               losses = finish(options, data).step_losses;
  REQUIRE(losses.size() == expected.size());
  CHECK(std::abs(losses[0] - expected[0]) < 1e-5);
  for (size_t i = 0; i < losses.size(); ++i) CHECK(std::abs(losses[i] - expected[i]) < 1e-2);
  options.pretrained = nullptr;
  CHECK(std::abs(finish(options, data).step_losses[0] - expected[0]) > 1e-3);
}

TEST_CASE("small and large networks begin with weights under torchvision's names, whatever head the run has") {
  for (const char* name : {"resnet8", "resnet32", "resnet18"}) {
    CAPTURE(name);
    const auto source = resnet(Device::reference, DType::f32, {10}, name);
    const File file(as_torchvision(*source));
    const auto pretrained = read_pretrained(file.path, false);
    NetworkPair pair({.name = name}, ClassifierKind::cosine, 5, Device::cpu, {}, pretrained->weights);
    pair.add_classes(3);
    CHECK_NOTHROW(check_fits(*pretrained, pair.net(), name));
    source->task_sizes.clear();
    State theirs = state_of(*source->backbone), ours = state_of(*pair.net().backbone);
    CHECK(changed(theirs, ours).empty());
  }
}

/// The learner of a run that begins with `pretrained`, before its first step.
State first_state(const ExperimentOptions& options, const ResidentDataset& data) {
  IncrementalLearner learner(options, data);
  learner.add_classes();
  return state_of(learner.networks().net());
}

/// The last model of a finished run, and its options.
struct Source {
  ScratchFolder scratch;
  ExperimentOptions options;
  fs::path model;

  explicit Source(const std::string& method) : options(tiny_options_for(method)) {
    options.save_models = true;
    const ResidentDataset data = tiny_data();
    Experiment experiment(options, data);
    RunFolder folder(scratch / "run");
    experiment.run(folder, {});
    model = model_path_of(scratch / "run", 0);
  }
};

TEST_CASE("every method begins with a model of lwf, and networks that it makes anew begin with it, too") {
  const Source source("lwf");
  const State theirs = state_of(*build_model(read_model(source.model), "m", Device::cpu).net->backbone);
  const ResidentDataset data = tiny_data();
  for (const char* method : {"lwf", "lucir", "mnemonics", "dmc", "ss-il", "bic"}) {
    CAPTURE(method);
    ExperimentOptions options = tiny_options_for(method);
    options.pretrained = read_pretrained(source.model, false);
    IncrementalLearner learner(options, data);
    learner.add_classes();
    const State ours = state_of(learner.networks().net()),
                anew = state_of(*learner.networks().untrained(std::vector<int>{2, 2}, 9));
    for (const auto& [name, numbers] : theirs) {
      CHECK_MESSAGE(ours.at(name) == numbers, name);
      CHECK_MESSAGE(anew.at(name) == numbers, name);
    }
  }
  ExperimentOptions podnet = tiny_options_for("podnet");  // its network has no projections
  podnet.pretrained = read_pretrained(source.model, false);
  check_says(message_of([&] { first_state(podnet, data); }), "surplus layer2.0.downsample.0.weight");
}

TEST_CASE("a kept head stands in the first task, with the rows of all heads and corrections multiplied in") {
  for (const char* method : {"lwf", "bic"}) {
    CAPTURE(method);
    const Source source(method);
    TrainedModel model = build_model(read_model(source.model), "m", Device::reference);
    ExperimentOptions options = tiny_options("finetuning");
    options.scenario.tasks = 1;
    options.device = Device::reference;
    options.pretrained = read_pretrained(source.model, true);
    const ResidentDataset data = tiny_data();
    IncrementalLearner learner(options, data);
    learner.add_classes();
    const auto images = data.test.source(Device::reference, DType::f32);
    const Tensor batch = images->batch(std::vector<int>{0, 1, 2, 3});
    const NoGrad numbers_only;
    const Values theirs = model.net->forward(batch, inference_mode).scores.logits.values(),
                 ours = learner.networks().net().forward(batch, inference_mode).scores.logits.values();
    CHECK(difference(ours, theirs, 1e-5) == "");
  }
}

TEST_CASE("factors of kernels go on as they are, and a cosine head takes its scale along") {
  const Source source("mnemonics");
  TrainedModel model = build_model(read_model(source.model), "m", Device::cpu);
  ExperimentOptions options = tiny_options_for("mnemonics");
  options.scenario.tasks = 1;
  options.pretrained = read_pretrained(source.model, true);
  const State theirs = state_of(*model.net), ours = first_state(options, tiny_data());
  for (const auto& [name, numbers] : theirs)
    if (!name.starts_with("heads.")) CHECK_MESSAGE(ours.at(name) == numbers, name);
  std::vector<float> rows = theirs.at("heads.0.weight");
  rows.insert(rows.end(), theirs.at("heads.1.weight").begin(), theirs.at("heads.1.weight").end());
  CHECK(ours.at("heads.0.weight") == rows);
}

TEST_CASE("the heads of eleven tasks are stacked in the order of the tasks, however the file orders them") {
  NamedTensors tensors;
  for (const int task : {10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    tensors.emplace_back(fmt::format("heads.{}.bias", task), Tensor::full({1}, task, f32_plain));
  const File file(tensors);
  CHECK(read_pretrained(file.path, true)->weights[0].second.values() == Values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  tensors[4].second = Tensor::full({1, 3}, 0, f32_plain);
  file.write(tensors);
  check_says(message_of([&] { read_pretrained(file.path, true); }), "differ in the width of their bias");
}

TEST_CASE("files that do not fit are refused in one line that names file and tensors") {
  const File file(resnet8_tensors());
  const auto refused = [&](NamedTensors tensors, const std::string& part, bool keep_head = false) {
    file.write(tensors);
    const std::string message = message_of([&] {
      const auto net = resnet(Device::reference, DType::f32, {4}, "resnet8");
      check_fits(*read_pretrained(file.path, keep_head), *net, "resnet8");
    });
    CHECK_MESSAGE(message.find(file.path.string() + ":") != std::string::npos, message);
    check_says(message, part);
  };
  const auto with = [](const auto& change) {
    NamedTensors tensors = resnet8_tensors();
    for (auto& [name, tensor] : tensors) tensor = tensor.clone();
    change(tensors);
    return tensors;
  };
  refused(with([](NamedTensors& t) { t.erase(t.begin()); }), "missing conv1.weight");
  refused(with([](NamedTensors& t) { t.emplace_back("classifier.weight", t[0].second); }), "surplus classifier.weight");
  refused(with([](NamedTensors& t) {
            t[0].second = Tensor::full({16, 3, 7, 7}, 1, f32_plain);
          }),
          "of another shape conv1.weight ((16, 3, 7, 7) in the file, (16, 3, 3, 3) here)");
  refused(with([](NamedTensors& t) { t[1].second.data<float>()[3] = std::numeric_limits<float>::quiet_NaN(); }),
          "'bn1.weight' holds nan at place 3");
  refused(with([](NamedTensors& t) { t[0].second = Tensor::from(std::vector<int>{1}, {1}, Device::reference); }),
          "'conv1.weight' holds whole numbers and no weights");
  refused(
      as_torchvision(*resnet(Device::reference, DType::f32, {4}, "resnet14")),
      "these weights have as many layers as resnet14, and this run's network is resnet8; give --network resnet14, or "
      "another file: surplus "
      "layer1.1.bn1.bias, layer1.1.bn1.running_mean, layer1.1.bn1.running_var, layer1.1.bn1.weight and 26 more");
  refused(resnet8_tensors(10), "of another shape heads.0.weight ((10, 64) in the file, (4, 64) here), heads.0.bias",
          true);
  NamedTensors headless = resnet8_tensors(4);
  std::erase_if(headless, [](const auto& named) { return named.first.starts_with("fc."); });
  refused(headless, "missing heads.0.weight, heads.0.bias", true);
  file.write(headless);
  CHECK(message_of([&] { read_pretrained(file.path, false); }) == "no error");
  refused({}, "missing conv1.weight");
  file.scratch.write("weights.safetensors", "<html>");
  CHECK(message_of([&] { read_pretrained(file.path, false); }).find(file.path.string()) != std::string::npos);
  check_says(message_of([&] { read_pretrained(file.scratch / "none", false); }), "none");
}

TEST_CASE("a model of ours is checked by its description: another network, changed weights") {
  const Source source("lwf");
  ExperimentOptions options = tiny_options("lwf");
  options.network.name = "resnet14";
  options.pretrained = read_pretrained(source.model, false);
  check_says(message_of([&] { first_state(options, tiny_data()); }),
             "is a model of resnet8, and this run's network is resnet14; give --network resnet8");
  std::string bytes = read_file(source.model);
  bytes.back() ^= 1;
  source.scratch.write("changed.safetensors", bytes);
  check_says(message_of([&] { read_pretrained(source.scratch / "changed.safetensors", false); }),
             "its weights were changed after it was written");
}

TEST_CASE("the protocol is bound to the weights' content: not to the file's name, place or form") {
  const ResidentDataset data = tiny_data();
  ExperimentOptions options = tiny_options("lwf");
  const auto protocol = [&] { return protocol_id(options, make_scenario(data, options.scenario, options.seed)); };
  const std::string random = protocol();
  const File file(resnet8_tensors()), moved(resnet8_tensors());
  options.pretrained = read_pretrained(file.path, false);
  const std::string plain = protocol();
  CHECK(plain != random);
  options.pretrained = read_pretrained(moved.path, false);
  CHECK(protocol() == plain);
  moved.write(named_state(*resnet(Device::reference, DType::f32, {3}, "resnet8")));  // our names, no counts
  options.pretrained = read_pretrained(moved.path, false);
  CHECK(protocol() == plain);
  const json settings = settings_of(options, {}, make_scenario(data, options.scenario, options.seed));
  CHECK(settings["pretrained"] == json{{"id", options.pretrained->id}, {"head", "dropped"}});
  CHECK(options.pretrained->id.size() == 12);
  options.pretrained = read_pretrained(file.path, true);
  CHECK(protocol() != plain);
  const auto other = resnet(Device::reference, DType::f32, {3}, "resnet8");
  other->backbone->each_state("", [](const std::string& name, Tensor& tensor, StateKind) {
    if (name == "bn1.running_var") tensor.data<float>()[0] += 1;
  });
  moved.write(as_torchvision(*other));
  options.pretrained = read_pretrained(moved.path, false);
  CHECK(protocol() != plain);
}

TEST_CASE("a stopped run goes on with the same weights from another place, and with no others") {
  const ResidentDataset data = tiny_data();
  const File file(resnet8_tensors()), moved(resnet8_tensors());
  const ScratchFolder scratch;
  ExperimentOptions options = tiny_options("lwf");
  options.save_models = true;
  options.pretrained = read_pretrained(file.path, false);
  REQUIRE_FALSE(run_until(options, data, scratch / "run", 1));
  options.pretrained = nullptr;
  check_says(message_of([&] { run_until(options, data, scratch / "run", -1); }), "first_task/pretrained/head is");
  options.pretrained = read_pretrained(moved.path, false);
  CHECK(run_until(options, data, scratch / "run", -1));
  CHECK(run_until(options, data, scratch / "whole", -1));
  for (const char* name : {"models/task_01.safetensors", "models/task_02.safetensors", "summary.json"})
    CHECK_MESSAGE(read_file(scratch / "run" / name) == read_file(scratch / "whole" / name), name);
  CHECK(read_model(scratch / "run/models/task_01.safetensors").info.pretrained == options.pretrained->id);
}

TEST_CASE("another run's first task is taken only if it began with the same weights") {
  const ResidentDataset data = tiny_data();
  const File file(resnet8_tensors());
  const ScratchFolder scratch;
  ExperimentOptions options = tiny_options("finetuning");
  options.save_models = true;
  options.pretrained = read_pretrained(file.path, false);
  {
    RunFolder folder(scratch / "first");
    Experiment(options, data).run(folder, {});
  }
  options.first_task_from = scratch / "first";
  CHECK_NOTHROW(Experiment(options, data));
  options.pretrained = nullptr;
  check_says(message_of([&] { Experiment(options, data); }), "its pretrained differs");
}

TEST_CASE("a remark says which weights these are, and that their images were normalised otherwise") {
  const Source source("lwf");
  const auto own = read_pretrained(source.model, false);
  ImageSetInfo images = tiny_data().train.info;
  CHECK(
      remark_on(*own, images) ==
      fmt::format("The network begins with pretrained weights (id {}), their head dropped; lwf learned them from tiny.",
                  own->id));
  images.normalisation.mean[1] = 0.4f;
  check_says(remark_on(*own, images), "Its images were normalised by mean [0.5, 0.5, 0.5] and deviation");
  const File file(resnet8_tensors());
  CHECK(remark_on(*read_pretrained(file.path, true), images).ends_with(", their head kept."));
}

}  // namespace
}  // namespace mneme::test
