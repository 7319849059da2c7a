#include "engine/cpu/isa.h"
#include "engine/cpu/winograd_lanes.h"

namespace mneme {

const WinogradKernels winograd_avx512 = table<16>("AVX-512");

}  // namespace mneme
