#pragma once
// All trained parameters of a network, packed: the values are one block of memory, the gradients a second one. So one
// loop updates all parameters, one fill clears all gradients, and one reduction gives their norm.

#include <string>
#include <utility>
#include <vector>

#include "layers/module.h"

namespace mneme {

/// The trained parameters of a module.
class ParameterBlock {
 public:
  /// Says whether the parameter of this name is trained.
  using Selected = std::function<bool(const std::string& name)>;

  /// Moves every parameter of `module` that `selected` accepts into one block and makes it a leaf that needs a
  /// gradient. The values do not change; the module's tensors become views into the block. All other parameters need no
  /// gradient any more. Throws Error if no parameter is selected.
  ParameterBlock(Module& module, const Selected& selected);

  /// All values, flat.
  const Tensor& values() const { return values_; }
  /// All gradients, flat, in the same order.
  const Tensor& gradients() const { return gradients_; }
  /// Sets all gradients to 0.
  void clear_gradients();
  /// Brings each gradient number into [-limit, limit].
  void clamp_gradients(double limit);
  /// The Euclidean norm of the whole gradient. Waits for the device.
  double gradient_norm() const;
  /// The square of that norm as a scalar on the device.
  Tensor gradient_squares() const;
  /// The names of the parameters in the block, in order.
  const std::vector<std::string>& names() const { return names_; }
  /// The parameters, in the same order: views of the block.
  const std::vector<Tensor>& parameters() const { return parameters_; }

  /// Cuts `flat`, a tensor of the block's size, into the parameters: their names, and flat views. Throws Error if
  /// `flat` is too short.
  std::vector<std::pair<std::string, Tensor>> parts_of(const Tensor& flat) const;

  /// A part of the block: flat views of its values and gradients.
  struct Stretch {
    Tensor values,  ///< the values
        gradients;  ///< the gradients
    /// False for an undefined part.
    explicit operator bool() const { return values.defined(); }
  };
  /// The part of the block that holds exactly these parameters, in this order. It is undefined if none of them is
  /// trained. Throws Error if only some of them are trained, or if others lie between them.
  Stretch stretch_of(const std::vector<std::string>& names) const;

 private:
  Tensor values_, gradients_;
  std::vector<std::string> names_;
  std::vector<Tensor> parameters_;
  std::vector<int64_t> begins_;  // where each parameter begins; the last entry is the end of the block
};

}  // namespace mneme
