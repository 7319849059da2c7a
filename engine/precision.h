#pragma once
// Process-wide choices between speed and closeness to exact arithmetic.

namespace mneme {

/// On: the CPU device uses direct convolutions only. Off (the default): its Winograd kernels where they apply, whose
/// rounding differs (about 1e-6 relative forward, 1e-5 in weight gradients).
void set_exact_convolutions(bool exact);
bool exact_convolutions();

}  // namespace mneme
