#pragma once
// What the machine can do at most, measured by two small kernels, and what this process holds of its memory.

#include <cstddef>

namespace mneme {

struct MachinePeak {
  double flops = 0;  ///< per second, float32 multiply-adds from registers, two each
  double bytes = 0;  ///< per second, a = b + s c over arrays no cache holds, counted as 12 bytes per element
};

/// With as many threads as the CPU device uses. Takes about a second and 400 MB for a moment.
MachinePeak measure_machine();

struct ProcessMemory {
  size_t peak_resident = 0;  ///< bytes in RAM at most so far
  long page_faults = 0;      ///< pages the kernel had to supply so far
};
ProcessMemory process_memory();

}  // namespace mneme
