#include "incremental/models/model_file.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "incremental/models/merged_heads.h"
#include "incremental/models/model_card.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A finished run of `method` whose models are saved.
struct SavedRun {
  ScratchFolder scratch;
  RunResult result;
  fs::path folder() const { return scratch / "run"; }

  explicit SavedRun(const std::string& method, const std::string& order = "3,1,0,2") {
    ExperimentOptions options = tiny_options_for(method);
    options.save_models = true;
    options.scenario.order = order;
    const ResidentDataset data = tiny_data();
    Experiment experiment(options, data);
    RunFolder run(folder());
    result = experiment.run(run, {});
  }
};

json description_of(const fs::path& file) { return json::parse(read_safetensors(file).metadata.at("mneme")); }

/// A file with the same tensors, and with a description that `change` has changed.
template <class Change>
fs::path changed_model(const SavedRun& run, const Change& change) {
  const fs::path from = model_path_of(run.folder(), 0);
  SafetensorsFile file = read_safetensors(from);
  json description = json::parse(file.metadata.at("mneme"));
  change(description, file.tensors);
  file.metadata["mneme"] = description.dump();
  run.scratch.write("changed.safetensors", to_safetensors(file.tensors, file.metadata));
  return run.scratch / "changed.safetensors";
}

TEST_CASE("a model says what network, classes and images it is for, and where it comes from") {
  const SavedRun run("lwf");
  const json m = description_of(model_path_of(run.folder(), 0));
  CHECK(m["network"]["name"] == "resnet8");
  CHECK(m["network"]["shortcut"] == "projection");
  CHECK(m["classifier"] == "linear");
  CHECK(m["class_names"] == json({"class 3", "class 1", "class 0", "class 2"}));
  CHECK(m["original_labels"] == json({3, 1, 0, 2}));
  CHECK(m["task_sizes"] == json({2, 2}));
  CHECK(m["tasks_planned"] == 2);
  CHECK(m["image"]["height"] == 8);
  CHECK(m["image"]["mean"] == json({0.5, 0.5, 0.5}));
  CHECK(m["image"]["std"] == json({0.25, 0.25, 0.25}));
  CHECK(m["image"]["resize"] == "none");
  CHECK(m["data_set"] == "tiny");
  CHECK(m["method"] == "lwf");
  CHECK(m["prediction_rule"] == "logits");
  CHECK(m["protocol"] == run.result.protocol);
  CHECK(m["data_id"] == run.result.data_id);
  CHECK(m["version"] == run.result.settings["version"]);
  CHECK(m["accuracy"]["test_images"] == 12);
  CHECK(m["accuracy"]["task_agnostic"] == run.result.confusion.accuracy());
  const std::string bytes = read_file(model_path_of(run.folder(), 0));
  CHECK(m["sha256"] == sha256(bytes.substr(8 + static_cast<size_t>(static_cast<unsigned char>(bytes[0])) +
                                           256 * static_cast<size_t>(static_cast<unsigned char>(bytes[1])))));
  const json first = description_of(model_path_of(run.folder(), 1));
  CHECK(first["class_names"] == json({"class 3", "class 1"}));
  CHECK(first["accuracy"]["test_images"] == 6);
  CHECK(read_safetensors(model_path_of(run.folder(), 0)).metadata.at("format") == "pt");
}

TEST_CASE("a description survives writing and reading") {
  const SavedRun run("podnet");
  const ModelContent model = read_model(model_path_of(run.folder(), 0));
  CHECK(as_json(model.info) == as_json(model_info(as_json(model.info), "again")));
  CHECK(model.info.network.signed_blocks);
  CHECK(model.info.classifier == ClassifierKind::proxies);
  CHECK(as_json(model.info)["network"]["shortcut"] == "zero-pad");  // what the network really has
}

TEST_CASE("class means are saved with every model of a run that has exemplars, and with no other") {
  const SavedRun with("il-baseline"), own("icarl");
  const auto names = [](const SavedRun& run) {
    std::string all;
    for (const auto& [name, tensor] : read_model(model_path_of(run.folder(), 0)).tensors)
      if (name.find("means") != std::string::npos) all += name + tensor.shape().text();
    return all;
  };
  CHECK(names(with) == "nearest_mean.means(4, 64)");
  CHECK(names(own) == "rule.means(4, 64)");
  // lwf takes exemplars in these tests, so a run without memory is made here
  ExperimentOptions options = tiny_options("lwf");
  options.save_models = true;
  const ScratchFolder scratch;
  const ResidentDataset data = tiny_data();
  Experiment experiment(options, data);
  RunFolder folder(scratch / "run");
  experiment.run(folder, {});
  const ModelContent model = read_model(model_path_of(scratch / "run", 0));
  CHECK(network_tensors(model.tensors).size() == model.tensors.size());
  CHECK(message_of([&] { build_model(model, "m", Device::cpu, "nearest-mean"); }) ==
        "--predict-by nearest-mean: m has no class means: only runs with exemplars save them");
  CHECK(message_of([&] { build_model(model, "m", Device::cpu, "nearest-men"); }).find("did you mean 'nearest-mean'?") !=
        std::string::npos);
}

TEST_CASE("merged heads give the logits of the heads, corrections and factors of kernels included") {
  for (const char* method : {"lwf", "bic", "mnemonics"}) {
    CAPTURE(method);
    const SavedRun run(method);
    const ModelContent model = read_model(model_path_of(run.folder(), 0));
    if (model.info.classifier == ClassifierKind::cosine) {
      CHECK(message_of([&] { with_merged_heads(model, "m"); }) ==
            "m: its cosine heads are not linear in the features, so no fc.weight and fc.bias can stand for them");
      continue;
    }
    const ModelContent merged = with_merged_heads(model, "m");
    run.scratch.write("merged.safetensors", model_bytes(merged.tensors, merged.info));
    const ModelContent again = read_model(run.scratch / "merged.safetensors");
    CHECK(again.tensors.back().first == "fc.bias");
    CHECK(again.tensors.back().second.shape().text() == "(4)");
    const TrainedModel plain = build_model(model, "m", Device::reference),
                       one = build_model(again, "m", Device::reference);
    const ResidentDataset data = tiny_data();
    const auto source = data.test.source(Device::reference, DType::f32);
    const Tensor batch = source->batch(std::vector<int>{0, 1, 2, 3});
    const NoGrad numbers_only;
    const std::vector<double> a = plain.net->forward(batch, inference_mode).scores.logits.values(),
                              b = one.net->forward(batch, inference_mode).scores.logits.values();
    for (size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) < 1e-5);
    CHECK(message_of([&] { with_merged_heads(again, "m"); }) == "m: its heads are merged already");
  }
}

TEST_CASE("models that do not fit, were changed or hold NaN are refused in one line that names the file") {
  const SavedRun run("lwf");
  const std::string name = (run.scratch / "changed.safetensors").string();
  const auto refusal_of = [&](const auto& change) {
    const fs::path file = changed_model(run, change);
    return message_of([&] { build_model(read_model(file), file.string(), Device::cpu); });
  };
  const auto refuses = [&](const auto& change, const std::string& part) {
    const std::string message = refusal_of(change);
    CHECK_MESSAGE(message.starts_with(name + ": "), message);
    CHECK_MESSAGE(message.find(part) != std::string::npos, message);
    CHECK(message.find('\n') == std::string::npos);
  };
  const auto rehash = [](json& d, const NamedTensors& tensors) {
    d["sha256"] = weights_sha256(to_safetensors(tensors));
  };
  CHECK(refusal_of([](json&, NamedTensors&) {}) == "no error");
  refuses([&](json&, NamedTensors& t) { t[0].second.data<float>()[0] += 1; }, "changed after it was written");
  refuses(
      [&](json& d, NamedTensors& t) {
        t[0].second.data<float>()[3] = std::numeric_limits<float>::quiet_NaN();
        rehash(d, t);
      },
      "'conv1.weight' holds nan at place 3");
  refuses([&](json& d, NamedTensors&) { d["network"]["name"] = "resnet14"; }, "missing layer1.1.conv1.weight");
  refuses([&](json& d, NamedTensors&) { d["network"]["name"] = "resnet9"; }, "unknown network 'resnet9'");
  refuses([&](json& d, NamedTensors&) { d["task_sizes"] = {2, 1}; }, "its tasks do not have 4 classes");
  refuses([&](json& d, NamedTensors&) { d["task_sizes"] = {3, 1}; }, "heads.0.weight is (3, 64) here but (2, 64)");
  refuses([&](json& d, NamedTensors&) { d["original_labels"] = {1}; }, "differ in number");
  refuses([&](json& d, NamedTensors&) { d["image"]["std"] = {0.2, 0, 0.2}; }, "its normalisation is impossible");
  refuses([&](json& d, NamedTensors&) { d["image"]["height"] = 0; }, "its image size is impossible");
  refuses([&](json& d, NamedTensors&) { d["prediction_rule"] = "dice"; }, "unknown prediction rule 'dice'");
  refuses([&](json& d, NamedTensors&) { d.erase("method"); }, "its description is incomplete");
  refuses([&](json& d, NamedTensors&) { d["format"] = 2; }, "in format 2, and this version reads format 1");
  SafetensorsFile file = read_safetensors(model_path_of(run.folder(), 0));
  file.metadata.erase("mneme");
  run.scratch.write("changed.safetensors", to_safetensors(file.tensors, file.metadata));
  CHECK(message_of([&] { read_model(name); }).find("does not describe itself") != std::string::npos);
}

TEST_CASE("the model of a run is found by its task, and what has none is told") {
  const SavedRun run("lwf");
  CHECK(model_path_of(run.folder(), 0) == model_path_of(run.folder(), 2));
  CHECK(model_path_of(run.folder(), 0) != model_path_of(run.folder(), 1));
  CHECK(message_of([&] { model_path_of(run.folder(), 3); }).ends_with("has models after 1 to 2 tasks"));
  CHECK(message_of([&] { model_path_of(run.scratch / "none", 0); }).ends_with("there is no such model or run"));
  fs::create_directory(run.scratch / "empty");
  CHECK(message_of([&] { model_path_of(run.scratch / "empty", 0); }).find("holds no models") != std::string::npos);
  CHECK(message_of([&] { model_path_of(model_path_of(run.folder(), 0), 1); }).find("leave it out") !=
        std::string::npos);
}

TEST_CASE("a model card has a hub's front matter, the numbers and every class") {
  const SavedRun run("il-baseline");
  const ModelContent model = read_model(model_path_of(run.folder(), 0));
  const std::string card = model_card(model, "task.safetensors");
  CHECK(card.starts_with("---\nlibrary_name: mneme\npipeline_tag: image-classification\n"));
  CHECK(card.find("\n---\n\n# il-baseline on tiny\n") != std::string::npos);
  for (const std::string& part :
       {fmt::format("      value: {}\n", model.info.accuracy.task_agnostic), std::string("| 0 | 1 | 3 | class 3 |\n"),
        std::string("| 3 | 2 | 2 | class 2 |\n"), "| SHA-256 of the weights | " + model.sha256 + " |\n",
        std::string("minus [0.5, 0.5, 0.5], divided by [0.25, 0.25, 0.25]"), model.info.protocol})
    CHECK_MESSAGE(card.find(part) != std::string::npos, part);
}

}  // namespace
}  // namespace mneme::test
