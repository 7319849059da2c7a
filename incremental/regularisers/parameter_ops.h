#pragma once
// Passes over blocks of parameters: one tensor of n numbers for values, gradients and whatever is kept per parameter.
// Each writes in place and records nothing. All tensors have the same size, type and device.

#include <cstdint>

#include "engine/tensor.h"

namespace mneme {

/// g += factor w (x - a): the gradient of factor/2 sum_k w_k (x_k - a_k)^2
void pull_towards(const Tensor& gradients, const Tensor& values, const Tensor& anchor, const Tensor& importance,
                  double factor);
/// sum += factor g^2
void add_squares(const Tensor& sums, const Tensor& gradients, double factor);
/// sum += factor |g|
void add_sizes(const Tensor& sums, const Tensor& gradients, double factor);
/// path -= g (x - before)
void follow_path(const Tensor& path, const Tensor& gradients, const Tensor& values, const Tensor& before);

/// Which draws add_normal() takes.
struct NoisePlace {
  uint32_t task = 0, epoch = 0, step = 0;
};
/// g += deviation N(0, 1), each element a draw of its own.
void add_normal(const Tensor& gradients, double deviation, uint64_t seed, const NoisePlace& place);

}  // namespace mneme
