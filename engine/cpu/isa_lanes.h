#pragma once
// Everything that is compiled once for each instruction set, for vectors of Lanes floats.

#include "engine/cpu/isa.h"
#include "engine/cpu/winograd/lanes.h"

namespace mneme {
namespace {

/// The kernels for vectors of Lanes floats.
template <int Lanes>
constexpr Isa isa_of(const char* name) {
  return {name, winograd::kernel_table<Lanes>(), only_multiply_adds<Lanes>, 2 * chains * Lanes};
}

}  // namespace
}  // namespace mneme
