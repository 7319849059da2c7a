#pragma once
// Weights and images for a ResNet, given by formulas; tests/golden/resnet.py computes the same.

#include <cmath>
#include <memory>
#include <string>

#include "layers/incremental_net.h"
#include "layers/network.h"
#include "tests/support/formula.h"
#include "tests/support/tensors.h"

namespace mneme::test {

inline std::unique_ptr<IncrementalNet> resnet(Device device, DType type, const std::vector<int>& heads,
                                              const std::string& name = "resnet32") {
  Factory factory(0, device, type);
  auto backbone = make_backbone({.name = name}, factory);
  auto classifier = std::make_unique<LinearHeads>(backbone->feature_size());
  auto net = std::make_unique<IncrementalNet>(std::move(backbone), std::move(classifier));
  for (const int classes : heads) net->add_classes(classes, factory);
  return net;
}

/// The same numbers as formula_values() of resnet.py, which gives the reasons for them.
inline Values formula_values(const std::string& name, const Shape& shape) {
  const bool convolution = shape.rank() == 4, head = name.starts_with("heads.");
  const bool around_one = !convolution && !head && (name.ends_with("running_var") || name.ends_with("weight"));
  const double block_scale = name.ends_with("bn2.weight") || name.ends_with("bn3.weight") ? 0.25 : 1;
  Values values = drawn_values("weights/" + name, shape.elements(), Draw::any);
  const double bound = convolution ? std::sqrt(6 / static_cast<double>(shape[0] * shape[2] * shape[3])) : 0;
  for (double& v : values)
    v = convolution ? bound * v : head ? 0.125 * v : around_one ? (1 + 0.25 * v) * block_scale : 0.25 * v;
  return values;
}

/// Gives every parameter the values of its formula; with `buffers` the running statistics as well.
inline void set_formula_state(Module& net, bool buffers) {
  net.each_state("", [&](const std::string& name, Tensor& tensor, StateKind kind) {
    if (kind == StateKind::parameter || buffers)
      tensor.copy_from(Tensor::from(formula_values(name, tensor.shape()), tensor.shape(), f64_reference));
  });
}

struct FormulaBatch {
  Tensor images, labels;
};

/// Images that are noise around one pattern for each class.
inline FormulaBatch formula_batch(int step, int64_t images, int64_t side, int classes, TensorOptions tensor_options) {
  const std::string number = std::to_string(step);
  const int64_t pixels = 3 * side * side;
  Values values = drawn_values("images/" + number, images * pixels, Draw::any);
  std::vector<int> labels;
  for (int64_t n = 0; n < images; ++n) {
    labels.push_back(static_cast<int>(unit_at(text_hash("labels/" + number), static_cast<uint64_t>(n)) * classes));
    const Values pattern = drawn_values("pattern/" + std::to_string(labels.back()), pixels, Draw::any);
    for (int64_t p = 0; p < pixels; ++p) {
      double& v = values[static_cast<size_t>(n * pixels + p)];
      v = pattern[static_cast<size_t>(p)] + 0.5 * v;
    }
  }
  return {Tensor::from(values, {images, 3, side, side}, tensor_options),
          Tensor::from(labels, {images}, tensor_options.device)};
}

}  // namespace mneme::test
