#include "incremental/models/model_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <regex>

#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "incremental/models/merged_heads.h"
#include "incremental/protocol/saved_rule.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char *rule_prefix = "rule.", *means_prefix = "nearest_mean.";

void append(NamedTensors& to, const std::string& prefix, const NamedTensors& from) {
  for (const auto& [name, tensor] : from) to.emplace_back(prefix + name, tensor);
}

/// The tensors whose names begin with `prefix`, without it.
NamedTensors with_prefix(const NamedTensors& all, const std::string& prefix) {
  NamedTensors found;
  for (const auto& [name, tensor] : all)
    if (name.starts_with(prefix)) found.emplace_back(name.substr(prefix.size()), tensor);
  return found;
}

json description_in(const SafetensorsFile& file, const std::string& name) {
  const auto found = file.metadata.find(model_entry);
  MNEME_CHECK(found != file.metadata.end(),
              "{}: does not describe itself (its metadata has no entry '{}'): Mneme did not write it, or an older "
              "version did; give a model of a newer run",
              name, model_entry);
  json description = json::parse(found->second, nullptr, false);
  MNEME_CHECK(description.is_object(), "{}: its metadata's entry '{}' is no JSON object; write the model again", name,
              model_entry);
  return description;
}

/// The rule that predicts: the model's own, or the one that the user names.
std::pair<std::string, std::string> rule_and_prefix(const ModelInfo& info, const std::string& predict_by) {
  if (predict_by.empty() || predict_by == info.prediction_rule) return {info.prediction_rule, rule_prefix};
  rule_named(predict_by);
  return {predict_by, means_prefix};
}

/// The models in a run's folder, in order of their tasks.
std::vector<fs::path> models_in(const fs::path& run) {
  static const std::regex weights(R"(task_(\d+)\.safetensors)");
  std::vector<std::pair<long, fs::path>> found;
  std::error_code absent;
  for (const auto& file : fs::directory_iterator(run / "models", absent)) {
    const std::string name = file.path().filename().string();
    if (std::smatch match; std::regex_match(name, match, weights) && match[1].length() < 10)
      found.emplace_back(std::stol(match[1]), file.path());
  }
  std::ranges::sort(found);
  std::vector<fs::path> paths;
  for (auto& [number, path] : found) paths.push_back(std::move(path));
  return paths;
}

}  // namespace

void check_finite(const NamedTensors& tensors, const std::string& file) {
  for (const auto& [name, tensor] : tensors) {
    const std::vector<double> values = tensor.values();
    const auto bad = std::ranges::find_if(values, [](double x) { return !std::isfinite(x); });
    MNEME_CHECK(bad == values.end(), "{}: '{}' holds {} at place {}: the training of this model failed, train it again",
                file, name, *bad, bad - values.begin());
  }
}

std::string weights_sha256(std::string_view bytes) {
  uint64_t length = 0;
  MNEME_CHECK(bytes.size() >= sizeof length, "a safetensors file has more than {} bytes", bytes.size());
  std::memcpy(&length, bytes.data(), sizeof length);
  MNEME_CHECK(length <= bytes.size() - sizeof length, "the header claims {} bytes of {}", length, bytes.size());
  return sha256(bytes.substr(sizeof length + length));
}

NamedTensors network_tensors(NamedTensors all) {
  std::erase_if(all, [](const auto& named) {
    return named.first.starts_with(rule_prefix) || named.first.starts_with(means_prefix);
  });
  return all;
}

std::string model_bytes(const NamedTensors& tensors, const ModelInfo& info) {
  const std::string plain = to_safetensors(tensors);
  json description = as_json(info);
  description["sha256"] = weights_sha256(plain);
  // Class names need not be valid UTF-8; a replaced letter is better than a lost model.
  return to_safetensors(
      tensors, {{"format", "pt"}, {model_entry, description.dump(-1, ' ', false, json::error_handler_t::replace)}});
}

std::string model_bytes(IncrementalNet& net, PredictionRule& rule, const NamedTensors& class_means,
                        const ModelInfo& info) {
  NamedTensors tensors = named_state(net);
  // Weights of classes of which nothing has been learned yet are left out.
  std::erase_if(tensors, [&](const auto& tensor) { return net.part_of(tensor.first) == Part::later_classes; });
  append(tensors, rule_prefix, named_state(rule));
  append(tensors, means_prefix, class_means);
  return model_bytes(tensors, info);
}

ModelContent read_model(const fs::path& path) {
  const std::string name = path.string(), bytes = read_file(path);
  SafetensorsFile file = parse_safetensors(bytes, name);
  const json description = description_in(file, name);
  ModelContent content{model_info(description, name), std::move(file.tensors), weights_sha256(bytes)};
  MNEME_CHECK(description.contains("sha256") && description["sha256"] == content.sha256,
              "{}: its weights were changed after it was written: their SHA-256 is another; fetch or write it again",
              name);
  check_finite(content.tensors, name);
  return content;
}

fs::path model_path_of(const fs::path& path, int after) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    MNEME_CHECK(fs::exists(path, ignored), "{}: there is no such model or run", path.string());
    if (after > 0)
      fail_usage("--after chooses among the models of a run, and {} is one model: leave it out", path.string());
    return path;
  }
  const std::vector<fs::path> models = models_in(path);
  MNEME_CHECK(
      !models.empty(),
      "{}: holds no models: it is no run's folder, was run with --no-models, or has not finished its first task",
      path.string());
  const auto count = static_cast<int>(models.size());
  if (after < 0 || after > count)
    fail_usage("--after {}: {} has models after 1 to {} tasks", after, path.string(), count);
  return models[static_cast<size_t>((after ? after : count) - 1)];
}

TrainedModel build_model(const ModelContent& content, const std::string& name, Device device,
                         const std::string& predict_by) {
  const ModelInfo& info = content.info;
  Factory factory(0, device);
  const auto as_described = [&](const auto& make) {
    try {
      return make();
    } catch (const Error& error) {
      fail("{}: {}", name, error.what());
    }
  };
  auto backbone = as_described([&] { return make_backbone(info.network, factory); });
  auto classifier = make_classifier(info.classifier, backbone->feature_size(), factory);
  TrainedModel model{info, std::make_unique<IncrementalNet>(std::move(backbone), std::move(classifier)), nullptr,
                     content.sha256};
  for (const int size : info.task_sizes) model.net->add_classes(size, factory);
  const auto [rule, prefix] = rule_and_prefix(info, predict_by);
  model.rule = as_described([&] { return saved_rule(rule); });
  model.rule->on_classes_added(*model.net);
  const NamedTensors state = with_prefix(content.tensors, prefix);
  const bool has_state = !named_state(*model.rule).empty();  // a model may hold class means that the rule does not use
  if (has_state && state.empty())
    fail_usage("--predict-by {}: {} has no class means: only runs with exemplars save them", rule, name);
  try {
    const NamedTensors weights = network_tensors(content.tensors);
    load_state(*model.net, info.merged_heads ? with_split_heads(weights, info) : weights);
    if (has_state) load_state(*model.rule, state);
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
  return model;
}

}  // namespace mneme
