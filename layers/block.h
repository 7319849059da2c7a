#pragma once
// The parameters being trained, packed: values in one block of memory, gradients in a second. One loop steps them all,
// one fill clears all gradients, one reduction gives their norm, one message would exchange them.

#include <string>
#include <utility>
#include <vector>

#include "layers/module.h"

namespace mneme {

class ParameterBlock {
 public:
  using Selected = std::function<bool(const std::string& name)>;

  /// Moves every parameter of `module` that `selected` names into one block (values unchanged; the module's tensors
  /// become views into it) and marks it as wanting gradients. All other parameters stop wanting theirs.
  ParameterBlock(Module& module, const Selected& selected);

  const Tensor& values() const { return values_; }
  const Tensor& gradients() const { return gradients_; }
  void clear_gradients();
  /// Brings each number of the gradients into [-limit, limit].
  void clamp_gradients(double limit);
  /// Euclidean norm over the whole block, and its square where the block is, a scalar.
  double gradient_norm() const;
  Tensor gradient_squares() const;
  const std::vector<std::string>& names() const { return names_; }
  /// The parameters, in the same order: views of the block.
  const std::vector<Tensor>& parameters() const { return parameters_; }

  /// What of `flat`, a tensor of the block's size, belongs to each parameter: its name, and a view.
  std::vector<std::pair<std::string, Tensor>> parts_of(const Tensor& flat) const;

  /// A stretch of the block: views of its values and gradients.
  struct Stretch {
    Tensor values, gradients;
    explicit operator bool() const { return values.defined(); }
  };
  /// The stretch that holds exactly these parameters, in this order; an undefined one if none of them is trained.
  /// Throws if only some are, or if others lie between them.
  Stretch stretch_of(const std::vector<std::string>& names) const;

 private:
  Tensor values_, gradients_;
  std::vector<std::string> names_;
  std::vector<Tensor> parameters_;
  std::vector<int64_t> begins_;  // where each parameter begins; behind the last, the block's end
};

}  // namespace mneme
