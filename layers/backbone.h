#pragma once
// What the classifier stands on: images in, one feature vector per image out, with the maps on the way there.

#include <memory>
#include <vector>

#include "layers/module.h"

namespace mneme {

struct Features {
  Tensor pooled;             // (N, D)
  std::vector<Tensor> maps;  // the last block's output of each stage, (N, C_s, H_s, W_s); bf16 where those are
};

struct Backbone : Module {
  virtual Features forward(const Tensor& images, Mode mode) = 0;
  virtual int64_t feature_size() const = 0;
  /// A copy that shares the numbers; own_state() separates it.
  virtual std::unique_ptr<Backbone> copy() const = 0;
};

}  // namespace mneme
