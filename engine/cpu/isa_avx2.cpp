// AVX2 with fused multiply-add: vectors of eight floats.

#include "engine/cpu/isa_lanes.h"

namespace mneme {

const Isa isa_avx2 = isa_of<8>("avx2");

}  // namespace mneme
