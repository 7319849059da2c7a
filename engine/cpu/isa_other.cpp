// CPUs other than x86-64: the compiler's own vectors.

#include "engine/cpu/isa.h"

namespace mneme {

std::vector<Isa> usable_isas() { return {isa_generic}; }

}  // namespace mneme
