// AVX-512: vectors of sixteen floats.

#include "engine/cpu/isa.h"
#include "engine/cpu/winograd_lanes.h"

namespace mneme {

const WinogradKernels winograd_avx512 = table<16>();

}  // namespace mneme
