#include "apps/trained/evaluate.h"

#include <CLI/CLI.hpp>

#include <cstdio>

#include "data/files/atomic_file.h"
#include "data/files/npy.h"
#include "engine/base/error.h"
#include "incremental/experiment/settings.h"
#include "incremental/models/evaluation_files.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

void check_new(const fs::path& file) {
  std::error_code ignored;
  MNEME_CHECK(!fs::exists(fs::symlink_status(file, ignored)),
              "{}: is there already, and nothing is overwritten; move it away or give another name", file.string());
}

fs::path beside(const fs::path& npy, const char* what) {
  return npy.parent_path() / (npy.stem().string() + what + ".npy");
}

/// The files that --features writes.
std::vector<fs::path> feature_files(const fs::path& file) {
  if (file.empty()) return {};
  if (file.extension() == ".safetensors") return {file};
  if (file.extension() == ".npy") return {file, beside(file, "_logits"), beside(file, "_labels")};
  fail_usage("--features {}: the name must end in .npy or .safetensors, which says what is written", file.string());
}

void check_outputs(const EvaluateFlags& flags) {
  for (const fs::path& file : feature_files(flags.features)) check_new(file);
  std::error_code ignored;
  if (flags.out.empty() || !fs::exists(flags.out, ignored)) return;
  MNEME_CHECK(fs::is_directory(flags.out, ignored) && fs::is_empty(flags.out, ignored),
              "{}: is there already and no empty folder, and nothing is overwritten; give another --out",
              flags.out.string());
}

void write_features(const fs::path& file, const TestOutputs& outputs) {
  const auto images = static_cast<int64_t>(outputs.labels.size());
  const auto width = [&](const std::vector<float>& numbers) { return static_cast<int64_t>(numbers.size()) / images; };
  const std::vector<int64_t> features{images, width(outputs.features)}, logits{images, width(outputs.logits)};
  if (file.extension() == ".npy") {
    write_file_atomically(file, npy_bytes(outputs.features, features));
    write_file_atomically(beside(file, "_logits"), npy_bytes(outputs.logits, logits));
    write_file_atomically(beside(file, "_labels"), npy_bytes(outputs.labels, {images}));
    return;
  }
  const TensorOptions f32{Device::reference, DType::f32, Layout::plain};
  const auto matrix = [&](const std::vector<float>& numbers, const std::vector<int64_t>& shape) {
    return Tensor::from(std::vector<double>(numbers.begin(), numbers.end()), {shape[0], shape[1]}, f32);
  };
  const auto column = [&](const std::vector<int>& numbers) {
    return Tensor::from(numbers, {images}, Device::reference);
  };
  write_file_atomically(file, to_safetensors({{"features", matrix(outputs.features, features)},
                                              {"logits", matrix(outputs.logits, logits)},
                                              {"labels", column(outputs.labels)},
                                              {"predicted", column(outputs.predicted)},
                                              {"images", column(outputs.images)}}));
}

void write_folder(const fs::path& folder, const ModelEvaluation& evaluation, const ModelInfo& model, const json& all) {
  std::error_code error;
  fs::create_directories(folder, error);
  MNEME_CHECK(!error, "cannot create the folder {}: {}; choose another with --out", folder.string(), error.message());
  const auto text = all.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
  write_file_atomically(folder / "evaluation.json", text);
  write_file_atomically(folder / "classes.csv", classes_csv(evaluation, model));
  write_file_atomically(folder / "confusion.csv", confusion_csv(evaluation, model));
  write_file_atomically(folder / "calibration.csv", calibration_csv(evaluation));
  write_file_atomically(folder / "reliability.svg", reliability_svg(evaluation));
}

/// One line that describes the model.
std::string heading(const fs::path& file, const TrainedModel& model) {
  const ModelInfo& info = model.info;
  return fmt::format("{}: {}, {}, {} classes after {} of {} tasks, predicted by {}\n", file.string(), info.method,
                     info.network.name, info.classes(), info.task_sizes.size(), info.tasks_planned, model.rule->name());
}

/// Tells whether the images are those of the run, and whether the accuracy equals the run's.
std::string comparison(const ModelInfo& info, const ModelEvaluation& evaluation, const std::string& data_id,
                       bool own_rule) {
  if (data_id != info.data_id)
    return fmt::format("other images than the run's, since their data id is {} and the run's {}\n", data_id,
                       info.data_id);
  if (!own_rule) return "the run's own images, by another rule than the run's\n";
  const double ours = evaluation.accuracies.confusion.accuracy(), theirs = info.accuracy.task_agnostic;
  if (ours == theirs) return "the run's own images; the accuracy is the run's\n";
  return fmt::format(
      "the run's own images; the run, on {}, had {:.4f} %: another device, build or instruction set "
      "rounds otherwise\n",
      info.device, 100 * theirs);
}

}  // namespace

void add_trained_flags(CLI::App& verb, TrainedFlags& flags) {
  verb.add_option("MODEL", flags.model, "The folder of a run, or a model file (models/task_NN.safetensors)")
      ->required();
  verb.add_option("--after", flags.after, "Of a run: the model after so many tasks (0: after the last one)")
      ->check(CLI::NonNegativeNumber);
  verb.add_option("--predict-by", flags.predict_by,
                  "logits, multi-softmax or nearest-mean, instead of the run's own rule");
  add_flags(verb, flags.machine, "Machine");
}

fs::path file_of(const TrainedFlags& flags) { return model_path_of(flags.model, flags.after); }

TrainedModel build_trained(const ModelContent& content, const TrainedFlags& flags, Device& device) {
  MachineFlags machine = flags.machine;
  machine.exact_convolutions |= content.info.exact_convolutions;
  device = choose_machine(machine);
  return build_model(content, file_of(flags).string(), device, flags.predict_by);
}

CLI::App* add_evaluate(CLI::App& app, EvaluateFlags& flags) {
  CLI::App* verb = app.add_subcommand(
      "evaluate", "What a trained model predicts for test images: accuracies, confusion, calibration, features");
  add_trained_flags(*verb, flags.trained);
  verb->add_option("--out", flags.out,
                   "Folder for evaluation.json, classes.csv, confusion.csv, calibration.csv and reliability.svg");
  verb->add_option("--features", flags.features,
                   "File for the features, logits and labels of all test images: NAME.npy or NAME.safetensors");
  verb->add_flag("--json", flags.as_json, "Print JSON instead of a table");
  return verb;
}

void evaluate_trained(const EvaluateFlags& flags, const ModelContent& content, const Dataset& data,
                      const std::string& which) {
  check_outputs(flags);
  Device device = Device::cpu;
  TrainedModel model = build_trained(content, flags.trained, device);
  const std::vector<Subset> subsets = subsets_for(model.info, data.test);
  const auto source = data.test.source(device, DType::f32);
  const ModelEvaluation evaluation = evaluate_model(model, *source, subsets, !flags.features.empty());
  const std::string data_id = data_settings(data)["id"];
  json all = as_json(evaluation, model.info);
  all["model"] = file_of(flags.trained).string();
  all["prediction_rule"] = model.rule->name();
  all["data_id"] = data_id;
  all["image_source"] = which;
  if (!flags.out.empty()) write_folder(flags.out, evaluation, model.info, all);
  if (!flags.features.empty()) write_features(flags.features, evaluation.outputs);
  if (flags.as_json) {
    fmt::print("{}\n", all.dump(2, ' ', false, json::error_handler_t::replace));
    return;
  }
  const bool own_rule = model.rule->name() == model.info.prediction_rule;
  fmt::print("{}on {}: {}\n{}", heading(file_of(flags.trained), model), which,
             comparison(model.info, evaluation, data_id, own_rule), as_text(evaluation, model.info));
  if (!flags.out.empty()) fmt::print("tables and pictures: {}\n", flags.out.string());
  for (const fs::path& file : feature_files(flags.features)) fmt::print("{}\n", file.string());
}

}  // namespace mneme
