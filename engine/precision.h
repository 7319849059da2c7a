#pragma once
// Process-wide choices between speed and closeness to exact arithmetic.
//
// Note [Precision]
// Parameters, their gradients, momentum, batch norm's coefficients and statistics, features, logits and losses are f32
// whatever is chosen, and so is all arithmetic outside convolutions. With bf16, a convolution rounds its weights and
// the images it is given to bf16, and its output, a feature map, is stored in bf16; so are the maps that batch norm,
// ReLU, sums and pooling make of it, and all these maps' gradients. Global average pooling answers in f32 again. Layers
// and losses see none of this, except that a loss which looks at feature maps takes them through to_float().

#include <cstdint>
#include <string>

namespace mneme {

/// On: convolutions are computed as their definition says. Off (the default): also by Winograd's or Fourier's way where
/// that is faster, whose rounding differs (on the CPU about 1e-6 relative forward, 1e-5 in weight gradients).
void set_exact_convolutions(bool exact);
bool exact_convolutions();

/// In what a GPU's convolutions compute. The CPU always uses fp32, and so do matrix products and all our own kernels;
/// the reference device takes part in bf16.
enum class Precision : uint8_t {
  fp32,  ///< factors as they are
  tf32,  ///< factors rounded to 10 bits of fraction, sums in fp32: tensor cores, PyTorch's default
  bf16   ///< feature maps stored, and factors rounded to, 7 bits of fraction; sums in fp32
};
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
