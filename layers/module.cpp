#include "layers/module.h"

#include <map>

namespace mneme {

Tensor Factory::draw(const Shape& shape, const std::function<double(RandomCounter)>& value) {
  std::vector<double> values(static_cast<size_t>(shape.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = value({tensors_made_, 0, static_cast<uint32_t>(i), 0});
  ++tensors_made_;
  return Tensor::from(values, shape, tensor_options_);
}

Tensor Factory::normal(const Shape& shape, double deviation) {
  return draw(shape, [&](RandomCounter at) { return deviation * mneme::normal(key_, at); });
}

Tensor Factory::uniform(const Shape& shape, double bound) {
  return draw(shape, [&](RandomCounter at) { return bound * (2 * uniform01_double(key_, at) - 1); });
}

Tensor Factory::constant(const Shape& shape, double value) { return Tensor::full(shape, value, tensor_options_); }

std::string join(const std::string& at, const std::string& name) { return at.empty() ? name : at + "." + name; }

std::vector<std::pair<std::string, Tensor>> named_state(Module& module) {
  std::vector<std::pair<std::string, Tensor>> state;
  module.each_state("", [&](const std::string& name, Tensor& tensor, StateKind) { state.emplace_back(name, tensor); });
  return state;
}

int64_t parameter_count(Module& module) {
  int64_t count = 0;
  module.each_state("", [&](const std::string&, Tensor& tensor, StateKind kind) {
    if (kind == StateKind::parameter) count += tensor.size();
  });
  return count;
}

void own_state(Module& module) {
  module.each_state("", [](const std::string&, Tensor& tensor, StateKind) { tensor = tensor.clone(); });
}

void load_state(Module& module, const std::vector<std::pair<std::string, Tensor>>& state) {
  std::map<std::string, Tensor> by_name(state.begin(), state.end());
  std::string wrong;
  std::vector<std::pair<Tensor, Tensor>> copies;  // all checked before the first is written
  module.each_state("", [&](const std::string& name, Tensor& tensor, StateKind) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      wrong += " missing " + name + ";";
    } else if (!(found->second.shape() == tensor.shape())) {
      wrong +=
          fmt::format(" {} is {} here but {} in the file;", name, tensor.shape().text(), found->second.shape().text());
    } else {
      copies.emplace_back(tensor, found->second);
    }
    if (found != by_name.end()) by_name.erase(found);
  });
  // PyTorch's batch norms count their batches; no code here needs the count
  std::erase_if(by_name, [](const auto& entry) { return entry.first.ends_with(".num_batches_tracked"); });
  for (const auto& [name, tensor] : by_name) wrong += " left over " + name + ";";
  MNEME_CHECK(wrong.empty(), "these weights belong to another network:{} check network, shortcut and number of classes",
              wrong);
  for (auto& [to, from] : copies) to.copy_from(from);
}

Snapshot::Snapshot(Module& module) : state_(named_state(module)) {
  for (auto& [name, tensor] : state_) tensor = tensor.clone();
}

void Snapshot::restore(Module& module) const { load_state(module, state_); }

}  // namespace mneme
