#pragma once
// Choices between speed and closeness to exact arithmetic. They hold for the whole process.
//
// Note [Precision]
// Parameters, their gradients, momentum, the coefficients and statistics of batch norm, features, logits and losses are
// f32 whatever is chosen, and so is all arithmetic outside convolutions. With bf16, a convolution rounds its weights
// and its input images to bf16, and it stores its output, a feature map, in bf16. The maps that batch norm, ReLU, sums
// and pooling compute from a feature map are bf16 too, and so are the gradients of all these maps. Global average
// pooling returns f32. Layers and losses do not see any of this, with one exception: a loss that reads feature maps
// converts them by to_float().

#include <cstdint>
#include <string>

namespace mneme {

/// On: convolutions are computed by their definition. Off (the default): Winograd's or Fourier's algorithm is used
/// where it is faster. Their rounding differs, on the CPU by about 1e-6 relative in the forward pass and 1e-5 in weight
/// gradients.
void set_exact_convolutions(bool exact);
/// True if convolutions are computed by their definition.
bool exact_convolutions();

/// What a GPU's convolutions compute in; tf32 is the default. The CPU always uses fp32, and so do matrix products and
/// our own kernels on every device. The reference device follows the choice of bf16.
enum class Precision : uint8_t {
  fp32,  ///< factors are not rounded
  tf32,  ///< factors are rounded to 10 bits of fraction, sums are fp32: tensor cores, as PyTorch's convolutions by
         ///< default
  bf16   ///< feature maps are stored in, and factors are rounded to, 7 bits of fraction; sums are fp32
};
/// Sets the precision for the whole process.
void set_precision(Precision precision);
/// The current precision.
Precision precision();
/// "fp32", "tf32" or "bf16".
const char* name_of(Precision precision);
/// The precision of this name. Throws UsageError for names other than "fp32", "tf32" and "bf16".
Precision precision_named(const std::string& name);

/// On: a GPU's convolutions are planned without measuring, and only by algorithms that add in a fixed order. Then a run
/// repeats to the bit on the same GPU with the same libraries. Off (the default): the fastest measured algorithm is
/// used. The CPU always repeats to the bit.
void set_deterministic(bool on);
/// True if a GPU's convolutions must repeat to the bit.
bool deterministic();

}  // namespace mneme
