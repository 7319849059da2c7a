// AVX2 with fused multiply-add: vectors of eight floats.

#include "engine/cpu/isa.h"
#include "engine/cpu/winograd_lanes.h"

namespace mneme {

const WinogradKernels winograd_avx2 = table<8>();

}  // namespace mneme
