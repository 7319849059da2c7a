#pragma once
// Convolutions for plans.cpp.

#include <cstdint>

#include "engine/cuda/conv_choice.h"

namespace stand_in {

/// One pass of a convolution over tensors of the key's type and layout; the result is overwritten. `turn` chooses where
/// each sum begins, and so how it is rounded.
void convolve(const mneme::cuda::ConvKey& key, void* x, void* w, void* y, uint64_t turn);

}  // namespace stand_in
