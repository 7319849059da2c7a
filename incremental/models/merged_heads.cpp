#include "incremental/models/merged_heads.h"

#include <map>

#include "engine/base/error.h"

namespace mneme {
namespace {

using ByName = std::map<std::string, Tensor>;

const TensorOptions plain_f32{Device::reference, DType::f32, Layout::plain};

Tensor tensor_of(const std::vector<double>& values, const Shape& shape) {
  return Tensor::from(values, shape, plain_f32);
}

const Tensor& find(const ByName& all, const std::string& name, const std::string& file) {
  const auto found = all.find(name);
  MNEME_CHECK(found != all.end(), "{}: has no '{}'", file, name);
  return found->second;
}

/// A convolution's kernels (out, in, h, w), each multiplied by its factor (out, in, 1, 1).
Tensor scaled_kernels(const Tensor& kernels, const Tensor& factors) {
  std::vector<double> values = kernels.values();
  const std::vector<double> by = factors.values();
  const size_t window = values.size() / by.size();
  for (size_t i = 0; i < values.size(); ++i) values[i] *= by[i / window];
  return tensor_of(values, kernels.shape());
}

struct LastLayer {
  std::vector<double> weight, bias;
};

/// Appends a head. If the head has a correction, its logits z become alpha z + beta.
void append_head(LastLayer& to, const ByName& all, size_t task, const std::string& file) {
  const std::string head = fmt::format("heads.{}.", task), correction = fmt::format("correction.{}.", task);
  const bool corrected = all.contains(correction + "alpha");
  const double alpha = corrected ? find(all, correction + "alpha", file).item() : 1,
               beta = corrected ? find(all, correction + "beta", file).item() : 0;
  for (const double w : find(all, head + "weight", file).values()) to.weight.push_back(alpha * w);
  for (const double b : find(all, head + "bias", file).values()) to.bias.push_back(alpha * b + beta);
}

}  // namespace

ModelContent with_merged_heads(const ModelContent& model, const std::string& name) {
  const ModelInfo& info = model.info;
  MNEME_CHECK(info.classifier == ClassifierKind::linear || info.classifier == ClassifierKind::corrected,
              "{}: its {} heads are not linear in the features, so no fc.weight and fc.bias can stand for them", name,
              name_of(info.classifier));
  MNEME_CHECK(!info.merged_heads, "{}: its heads are merged already", name);
  const ByName all(model.tensors.begin(), model.tensors.end());
  ModelContent merged{info, {}, {}};
  merged.info.merged_heads = true;
  merged.info.classifier = ClassifierKind::linear;
  merged.info.network.kernel_scales = false;
  for (const auto& [key, tensor] : model.tensors) {
    const bool replaced = key.starts_with("heads.") || key.starts_with("correction.") || key.ends_with(".kernel_scale");
    if (replaced || key.starts_with("nearest_mean.")) continue;
    const std::string factors = key.substr(0, key.rfind('.') + 1) + "kernel_scale";
    const bool scaled = key.ends_with(".weight") && all.contains(factors);
    merged.tensors.emplace_back(key, scaled ? scaled_kernels(tensor, all.at(factors)) : tensor);
  }
  LastLayer last;
  for (size_t task = 0; task < info.task_sizes.size(); ++task) append_head(last, all, task, name);
  const auto classes = static_cast<int64_t>(last.bias.size());
  merged.tensors.emplace_back("fc.weight",
                              tensor_of(last.weight, {classes, static_cast<int64_t>(last.weight.size()) / classes}));
  merged.tensors.emplace_back("fc.bias", tensor_of(last.bias, {classes}));
  return merged;
}

NamedTensors with_split_heads(const NamedTensors& merged, const ModelInfo& info) {
  NamedTensors split;
  std::vector<double> weight, bias;
  for (const auto& [key, tensor] : merged) {
    if (key == "fc.weight")
      weight = tensor.values();
    else if (key == "fc.bias")
      bias = tensor.values();
    else
      split.emplace_back(key, tensor);
  }
  const auto classes = static_cast<size_t>(info.classes());
  MNEME_CHECK(bias.size() == classes && !weight.empty() && weight.size() % classes == 0,
              "fc.weight and fc.bias are not of {} classes", classes);
  const size_t width = weight.size() / classes;
  size_t first = 0;
  for (size_t task = 0; task < info.task_sizes.size(); ++task) {
    const auto size = static_cast<size_t>(info.task_sizes[task]);
    const auto rows = [&](const std::vector<double>& all, size_t of) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first * of);
      return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(size * of));
    };
    split.emplace_back(fmt::format("heads.{}.weight", task),
                       tensor_of(rows(weight, width), {static_cast<int64_t>(size), static_cast<int64_t>(width)}));
    split.emplace_back(fmt::format("heads.{}.bias", task), tensor_of(rows(bias, 1), {static_cast<int64_t>(size)}));
    first += size;
  }
  return split;
}

}  // namespace mneme
