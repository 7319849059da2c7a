// AVX-512: vectors of sixteen floats.

#include "engine/cpu/isa_lanes.h"

namespace mneme {

const Isa isa_avx512 = isa_of<16>("avx512");

}  // namespace mneme
