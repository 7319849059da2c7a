// Any CPU: vectors of four floats.

#include "engine/cpu/isa.h"
#include "engine/cpu/winograd_lanes.h"

namespace mneme {

const WinogradKernels winograd_generic = table<4>();

}  // namespace mneme
