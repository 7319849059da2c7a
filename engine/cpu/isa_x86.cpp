// The instruction sets of x86-64 CPUs.

#include "engine/cpu/isa.h"

namespace mneme {

std::vector<Isa> usable_isas() {
  std::vector<Isa> usable;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx512) usable.push_back(isa_avx512);
  if (avx2) usable.push_back(isa_avx2);
  usable.push_back(isa_generic);
  if (avx2 && !avx512) usable.push_back(isa_avx2_by_16);
  return usable;
}

}  // namespace mneme
