#pragma once
// Which instruction set our own vector kernels use, chosen once per process: the best this CPU has, or what the
// environment variable MNEME_ISA says (avx512, avx2 or generic), for tests and comparisons.

#include <string>
#include <vector>

#include "engine/cpu/winograd_kernels.h"

namespace mneme {

extern const WinogradKernels winograd_avx512, winograd_avx2, winograd_generic;

struct Isa {
  std::string name;
  const WinogradKernels* winograd;
};

/// Those this CPU can run, the best first.
std::vector<Isa> usable_isas();
/// Throws if MNEME_ISA names none of them.
const Isa& isa_in_use();
/// For tests: uses another one from now on.
void use_isa(const std::string& name);

}  // namespace mneme
