// The instruction sets of x86-64 CPUs.

#include "engine/cpu/isa.h"

namespace mneme {

std::vector<Isa> usable_isas() {
  std::vector<Isa> usable;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    usable.push_back(isa_avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) usable.push_back(isa_avx2);
  usable.push_back(isa_generic);
  return usable;
}

}  // namespace mneme
