#include "incremental/models/model_card.h"

#include <fmt/ranges.h>

#include <iterator>

#include "engine/base/error.h"

namespace mneme {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// A text in double quotes; JSON's strings are YAML's, too.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A text in a cell of a table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
  return out;
}

int64_t parameters_of(const NamedTensors& tensors) {
  int64_t count = 0;
  for (const auto& [name, tensor] : tensors)
    if (!name.ends_with("running_mean") && !name.ends_with("running_var") && !name.starts_with("rule.") &&
        !name.starts_with("nearest_mean."))
      count += tensor.size();
  return count;
}

void write_front_matter(Out at, const ModelInfo& info) {
  fmt::format_to(at,
                 "---\nlibrary_name: mneme\npipeline_tag: image-classification\ntags:\n- image-classification\n"
                 "- class-incremental-learning\n- {}\n- {}\n",
                 info.network.name, quoted(info.method));
  fmt::format_to(at, "datasets:\n- {}\nmodel-index:\n- name: {}\n  results:\n", quoted(info.images.name),
                 quoted(info.method + " " + info.network.name));
  fmt::format_to(at, "  - task:\n      type: image-classification\n    dataset:\n      name: {0}\n      type: {0}\n",
                 quoted(info.images.name));
  fmt::format_to(
      at, "    metrics:\n    - type: accuracy\n      value: {}\n    - type: top_5_accuracy\n      value: {}\n---\n",
      info.accuracy.task_agnostic, info.accuracy.top5_task_agnostic);
}

void write_row(Out at, const char* name, const std::string& value) {
  fmt::format_to(at, "| {} | {} |\n", name, cell(value));
}

std::string preprocessing_of(const ImageSetInfo& images, int short_side) {
  const std::string scaled =
      fmt::format("pixels / 255, minus [{}], divided by [{}], channels red, green, blue",
                  fmt::join(images.normalisation.mean, ", "), fmt::join(images.normalisation.std, ", "));
  if (!short_side) return scaled;
  return fmt::format("short side resized to {} pixels (antialiased bilinear), middle {} x {} cropped; {}", short_side,
                     images.width, images.height, scaled);
}

std::string rule_text(const std::string& rule) {
  if (rule == "logits") return "logits: the class with the largest logit";
  if (rule == "multi-softmax") return "multi-softmax: the class with the largest probability within its own head";
  if (rule == "nearest-mean")
    return "nearest-mean: the class whose mean is nearest to the normalised features (tensor rule.means)";
  return rule + ": see the method's page (tensors rule.*)";
}

void write_about(Out at, const ModelContent& model) {
  const ModelInfo& info = model.info;
  fmt::format_to(at, "| | |\n|---|---|\n");
  write_row(at, "network",
            fmt::format("{}, {} classifier, {} parameters", info.network.name, name_of(info.classifier),
                        parameters_of(model.tensors)));
  write_row(at, "network options",
            fmt::format("shortcut {}, last_relu {}, signed_blocks {}, signed_maps {}, kernel_scales {}",
                        name_of(shortcut_of(info.network)), info.network.last_relu, info.network.signed_blocks,
                        info.network.signed_maps, info.network.kernel_scales));
  write_row(at, "heads",
            info.merged_heads ? "merged: fc.weight, fc.bias"
                              : fmt::format("one for each of {} tasks", info.task_sizes.size()));
  write_row(at, "tasks learned",
            fmt::format("{} of {}, classes per task {}", info.task_sizes.size(), info.tasks_planned,
                        fmt::join(info.task_sizes, ", ")));
  write_row(at, "prediction", rule_text(info.prediction_rule));
  write_row(at, "images",
            fmt::format("{} x {} pixels, {} channels", info.images.width, info.images.height, info.images.channels));
  write_row(at, "preprocessing", preprocessing_of(info.images, info.short_side));
  write_row(at, "data set", fmt::format("{}, id {}", info.images.name, info.data_id));
  write_row(at, "method, seed, protocol", fmt::format("{}, {}, id {}", info.method, info.seed, info.protocol));
  if (!info.pretrained.empty()) write_row(at, "began with", "pretrained weights, id " + info.pretrained);
  write_row(at, "trained by", fmt::format("Mneme {} on {}", info.version, info.device));
  write_row(at, "SHA-256 of the weights", model.sha256);
}

void write_accuracy(Out at, const ModelAccuracy& accuracy) {
  fmt::format_to(at, "\n## Accuracy\n\nOn the {} test images of the tasks learned:\n\n| | |\n|---|---|\n",
                 accuracy.test_images);
  const auto percent = [](double share) { return fmt::format("{:.2f} %", 100 * share); };
  write_row(at, "among all classes learned (task-agnostic)", percent(accuracy.task_agnostic));
  write_row(at, "label among the five likeliest of all classes", percent(accuracy.top5_task_agnostic));
  write_row(at, "told which task (task-aware)", percent(accuracy.task_aware));
}

void write_classes(Out at, const ModelInfo& info) {
  fmt::format_to(at, "\n## Classes\n\n| output | task | label in the data set | name |\n|---|---|---|---|\n");
  size_t output = 0;
  for (size_t task = 0; task < info.task_sizes.size(); ++task)
    for (int k = 0; k < info.task_sizes[task]; ++k, ++output)
      fmt::format_to(at, "| {} | {} | {} | {} |\n", output, task + 1, info.original_labels[output],
                     cell(info.class_names[output]));
}

}  // namespace

std::string model_card(const ModelContent& model, const std::string& name) {
  std::string card;
  const Out at(card);
  write_front_matter(at, model.info);
  fmt::format_to(at, "\n# {} on {}\n\nA {} that learned {} classes of {} in {} tasks, in the file `{}`.\n\n",
                 model.info.method, model.info.images.name, model.info.network.name, model.info.classes(),
                 model.info.images.name, model.info.task_sizes.size(), name);
  write_about(at, model);
  write_accuracy(at, model.info.accuracy);
  write_classes(at, model.info);
  fmt::format_to(
      at,
      "\n## Use\n\n`cifar100 predict {0} PICTURE...` and `cifar100 evaluate {0}`, or that of another "
      "benchmark program, classify images with it. The metadata entry `mneme` of the file holds the above as "
      "JSON, which is enough to rebuild the network in PyTorch.\n",
      name);
  return card;
}

}  // namespace mneme
