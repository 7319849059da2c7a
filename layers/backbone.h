#pragma once
// The backbone under a classifier: it turns images into one feature vector per image, and also returns the feature maps
// on the way.

#include <memory>
#include <vector>

#include "layers/module.h"

namespace mneme {

/// The results of a backbone for a batch.
struct Features {
  Tensor pooled;             ///< (N, D), f32: the feature vectors
  std::vector<Tensor> maps;  ///< the last block's output of each stage, (N, C_s, H_s, W_s); may be bf16
};

/// The part of a network below its classifier.
struct Backbone : Module {
  /// Features of images (N, 3, H, W). Throws Error for other shapes, types or devices.
  virtual Features forward(const Tensor& images, Mode mode) = 0;
  /// D, the length of a feature vector.
  virtual int64_t feature_size() const = 0;
  /// A copy that shares the numbers until own_state() gives the copy its own.
  virtual std::unique_ptr<Backbone> copy() const = 0;
};

}  // namespace mneme
