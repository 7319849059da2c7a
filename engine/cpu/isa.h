#pragma once
// Which instruction set our own vector kernels use, chosen once per process: the best this CPU has, or what the
// environment variable MNEME_ISA says (avx512, avx2 or generic), for tests and comparisons.

#include <string>
#include <vector>

#include "engine/cpu/winograd/kernels.h"

namespace mneme {

struct Isa {
  const char* name;
  winograd::Kernels winograd_kernels;
  /// Only multiply-adds, `flops_a_round` a round, for measuring; see only_multiply_adds.
  float (*multiply_adds)(int64_t rounds);
  int64_t flops_a_round;
};

extern const Isa isa_avx512, isa_avx2, isa_generic;
/// AVX-512's kernels with every vector of sixteen floats cut in two: slow, but so their code is tested without such a
/// CPU.
extern const Isa isa_avx2_by_16;

/// Those this CPU can run, the best first. AVX-512's stand-in is last, and only where AVX-512 is not.
std::vector<Isa> usable_isas();
/// Throws if MNEME_ISA names none of them.
const Isa& isa_in_use();
/// For tests: uses another one from now on.
void use_isa(const std::string& name);

}  // namespace mneme
