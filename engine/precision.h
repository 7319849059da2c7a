#pragma once
// Process-wide choices between speed and closeness to exact arithmetic.

#include <cstdint>
#include <string>

namespace mneme {

/// On: convolutions are computed as their definition says. Off (the default): also by Winograd's or Fourier's way where
/// that is faster, whose rounding differs (on the CPU about 1e-6 relative forward, 1e-5 in weight gradients).
void set_exact_convolutions(bool exact);
bool exact_convolutions();

/// How a GPU multiplies f32 numbers inside convolutions. The CPU always uses fp32, and so do matrix products and all
/// our own kernels.
enum class Precision : uint8_t {
  fp32,  ///< as they are
  tf32,  ///< factors rounded to 10 bits of fraction, sums in fp32: tensor cores, PyTorch's default
  bf16   ///< activations in bfloat16; not there yet
};
/// Throws for a precision that is not there yet.
void set_precision(Precision precision);
Precision precision();
const char* name_of(Precision precision);
/// "fp32", "tf32" or "bf16". Throws UsageError for other names.
Precision precision_named(const std::string& name);

/// On: a GPU's convolutions are planned without measuring and only by algorithms that add in a fixed order, so that a
/// run repeats to the bit on the same GPU and libraries. Off (the default): the fastest measured. The CPU always
/// repeats.
void set_deterministic(bool on);
bool deterministic();

}  // namespace mneme
