#pragma once
// Elementwise operations on blocks of parameters: one tensor of n numbers each for values, gradients and whatever is
// kept per parameter. Every function writes in place and records no gradient. All tensors must have the same size, type
// and device; otherwise the functions throw Error.

#include <cstdint>

#include "engine/tensor.h"

namespace mneme {

/// g <- g + factor w (x - a), with gradients g, values x, anchor a and importance w: adds the gradient of factor/2
/// sum_k w_k (x_k - a_k)^2.
void pull_towards(const Tensor& gradients, const Tensor& values, const Tensor& anchor, const Tensor& importance,
                  double factor);
/// sum <- sum + factor g^2
void add_squares(const Tensor& sums, const Tensor& gradients, double factor);
/// sum <- sum + factor |g|
void add_sizes(const Tensor& sums, const Tensor& gradients, double factor);
/// path <- path - g (x - before)
void follow_path(const Tensor& path, const Tensor& gradients, const Tensor& values, const Tensor& before);

/// The counters of the random draws of add_normal().
struct NoisePlace {
  uint32_t task = 0,  ///< from 0
      epoch = 0,      ///< from 0
      step = 0;       ///< from 0
};
/// g <- g + deviation N(0, 1), with an independent draw for each element.
void add_normal(const Tensor& gradients, double deviation, uint64_t seed, const NoisePlace& place);

}  // namespace mneme
