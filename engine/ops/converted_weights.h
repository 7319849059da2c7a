#pragma once
// Convolutions take weights in a layout and a type of the device's choice (Backend::weight_layout, Note [Precision]).
// Each convolution converts its own, which on a GPU is a kernel for each; here one kernel converts those of a whole
// network.

#include <span>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

/// While it lives, conv2d uses copies of these weights that are converted already. Nobody may change the weights then.
/// On a device that computes at once it does nothing: there a conversion just before its use costs less.
class ConvertedWeights {
 public:
  /// Converts those of `weights` that are of shape (O, I, H, W) and that the device wants in another type or layout.
  explicit ConvertedWeights(std::span<const Tensor> weights);
  ~ConvertedWeights();
  ConvertedWeights(const ConvertedWeights&) = delete;
  ConvertedWeights& operator=(const ConvertedWeights&) = delete;

 private:
  std::vector<Tensor> weights_;
};

/// `w` as `type` in `layout`: the copy that a ConvertedWeights made, or one made now.
Tensor converted_weight(const Tensor& w, DType type, Layout layout);

}  // namespace mneme
