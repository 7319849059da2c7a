#pragma once
// What an operation costs at the very least, from its shapes alone: the floors a measured time is held against.

#include "engine/profiler.h"

namespace mneme {

struct Cost {
  double flops = 0;           ///< of convolutions and products as defined, two per multiplication; 0 for all others
  double winograd_flops = 0;  ///< the same where F(4x4, 3x3) serves 3x3 windows with stride 1: its products alone
  double bytes = 0;           ///< every input read once, every result written once
};

/// Forward: the result. Backward: the gradients that were wanted, each as much arithmetic as the forward pass. An
/// operation whose name begins with "conv" multiplies its input 0 (N, C, H, W) with its input 1 (K, C, R, S), one
/// beginning with "matmul" is a product of two matrices. `number_bytes` is the size of one number.
Cost cost_of(const OpEvent& event, double number_bytes = 4);

Cost operator+(const Cost& a, const Cost& b);
Cost operator*(double factor, const Cost& cost);

}  // namespace mneme
