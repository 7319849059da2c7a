// For any CPU: vectors of four floats.

#include "engine/cpu/isa_lanes.h"

namespace mneme {

const Isa isa_generic = isa_of<4>("generic");

}  // namespace mneme
