#pragma once
// The least that an operation can cost, computed from its shapes alone. Measured times are compared with these floors.

#include "engine/profiler.h"

namespace mneme {

/// The least cost of an operation: a lower bound of its arithmetic and its memory traffic.
struct Cost {
  double flops = 0;  ///< additions and multiplications of convolutions and matrix products by their definition; 0 for
                     ///< other operations
  double winograd_flops =
      0;  ///< the same, where 3x3 convolutions with stride 1 count only the products of Winograd's F(4x4, 3x3)
  double bytes = 0;  ///< memory traffic in bytes: every input read once and every result written once
};

/// The cost of one reported operation. A forward pass has its output as the result. A backward pass has the gradients
/// that were needed as results, and each of them costs as much arithmetic as the forward pass. The name of the
/// operation decides: one that begins with "conv" multiplies input 0 (N, C, H, W) with input 1 (K, C, R, S); one that
/// begins with "matmul" is a product of two matrices. `number_bytes` is the size of one number in bytes.
Cost cost_of(const OpEvent& event, double number_bytes = 4);

/// The cost of both.
Cost operator+(const Cost& a, const Cost& b);
/// `factor` times the cost.
Cost operator*(double factor, const Cost& cost);

}  // namespace mneme
