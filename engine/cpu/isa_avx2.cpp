// AVX2 with fused multiply-add: vectors of eight floats.

#include "engine/cpu/isa_lanes.h"

namespace mneme {

const Isa isa_avx2 = isa_of<8>("avx2");
const Isa isa_avx2_by_16 = isa_of<16>("avx2-by-16");

}  // namespace mneme
