#pragma once
// The instruction set that our vector kernels use. It is chosen once for the process: the best that this CPU has, or
// the one that the environment variable MNEME_ISA names (avx512, avx2 or generic), for tests and comparisons.

#include <string>
#include <vector>

#include "engine/cpu/winograd/kernels.h"

namespace mneme {

/// The kernels compiled for one instruction set.
struct Isa {
  const char* name;                        ///< the name for MNEME_ISA
  winograd::KernelTable winograd_kernels;  ///< the convolution kernels
  /// Does multiply-adds only, `flops_a_round` operations per round, to measure the speed of the CPU; see
  /// only_multiply_adds().
  float (*multiply_adds)(int64_t rounds);
  int64_t flops_a_round;  ///< additions and multiplications per round
};

/// The kernels for vectors of sixteen, eight and four floats.
extern const Isa isa_avx512, isa_avx2, isa_generic;
/// The kernels of AVX-512 with every vector cut in two. They are slow, but let tests run their code on a CPU without
/// AVX-512.
extern const Isa isa_avx2_by_16;

/// The instruction sets that this CPU can run, the best first. The substitute for AVX-512 is last, and only there
/// without it.
std::vector<Isa> usable_isas();
/// The instruction set in use. Throws UsageError if MNEME_ISA names none that is usable.
const Isa& isa_in_use();
/// For tests: uses another instruction set from now on. Throws UsageError as isa_in_use() does.
void use_isa(const std::string& name);

}  // namespace mneme
