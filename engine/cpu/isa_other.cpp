// The instruction sets of CPUs other than x86-64: only the compiler's own vectors.

#include "engine/cpu/isa.h"

namespace mneme {

std::vector<Isa> usable_isas() { return {isa_generic}; }

}  // namespace mneme
