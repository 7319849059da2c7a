#include "layers/block.h"

#include <algorithm>
#include <cmath>

#include "engine/device.h"
#include "engine/ops.h"

namespace mneme {

ParameterBlock::ParameterBlock(Module& module, const Selected& selected) {
  std::vector<Tensor*> chosen;
  int64_t size = 0;
  module.each_state("", [&](const std::string& name, Tensor& tensor, StateKind kind) {
    if (kind != StateKind::parameter) return;
    tensor = tensor.detach();
    if (!selected(name)) return;
    chosen.push_back(&tensor);
    names_.push_back(name);
    begins_.push_back(size);
    size += tensor.size();
  });
  begins_.push_back(size);
  MNEME_CHECK(size > 0, "nothing is left to train: every parameter is frozen");
  values_ = Tensor::empty({size}, chosen[0]->options());
  gradients_ = Tensor::zeros({size}, chosen[0]->options());
  int64_t at = 0;
  for (Tensor* tensor : chosen) {
    Tensor packed = Tensor::view(values_, at, tensor->shape());
    packed.copy_from(*tensor);
    packed.requires_grad().set_grad(Tensor::view(gradients_, at, tensor->shape()));
    at += tensor->size();
    *tensor = packed;
    parameters_.push_back(packed);
  }
}

void ParameterBlock::clear_gradients() {
  backend(gradients_.device())
      .fill_bytes(gradients_.raw(), 0, static_cast<size_t>(gradients_.size()) * bytes_of(gradients_.dtype()));
}

void ParameterBlock::clamp_gradients(double limit) {
  NoGrad numbers_only;
  const Tensor negated = scale(clamp_min(gradients_, -limit), -1);
  gradients_.copy_from(scale(clamp_min(negated, -limit), -1));
}

ParameterBlock::Stretch ParameterBlock::stretch_of(const std::vector<std::string>& names) const {
  const auto trained = std::ranges::count_if(
      names, [&](const std::string& name) { return std::ranges::find(names_, name) != names_.end(); });
  if (trained == 0) return {};
  const auto first = std::ranges::search(names_, names).begin();
  MNEME_CHECK(first != names_.end(), "{} of {} parameters beginning with {} are trained, or others lie between them",
              trained, names.size(), names[0]);
  const auto begin = static_cast<size_t>(first - names_.begin());
  const int64_t at = begins_[begin], size = begins_[begin + names.size()] - at;
  return {Tensor::view(values_, at, {size}), Tensor::view(gradients_, at, {size})};
}

std::vector<std::pair<std::string, Tensor>> ParameterBlock::parts_of(const Tensor& flat) const {
  std::vector<std::pair<std::string, Tensor>> parts;
  for (size_t i = 0; i < names_.size(); ++i)
    parts.emplace_back(names_[i], Tensor::view(flat, begins_[i], {begins_[i + 1] - begins_[i]}));
  return parts;
}

double ParameterBlock::gradient_norm() const { return std::sqrt(gradient_squares().item()); }

Tensor ParameterBlock::gradient_squares() const {
  NoGrad numbers_only;
  return sum(square(gradients_));
}

}  // namespace mneme
