#pragma once
// The convolutions that plans.cpp executes.

#include <cstdint>

#include "engine/cuda/conv_choice.h"

namespace stand_in {

/// One pass of a convolution on tensors of the key's type and layout. It overwrites the result. `turn` chooses the tap
/// at which each sum begins, which changes the rounding.
void convolve(const mneme::cuda::ConvKey& key, void* x, void* w, void* y, uint64_t turn);

}  // namespace stand_in
