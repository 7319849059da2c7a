#pragma once
// Measures the peak arithmetic and memory speed of the machine by two small kernels, and the memory that this process
// uses.

#include <cstddef>

namespace mneme {

struct MachinePeak {
  double flops = 0;  ///< floating-point operations per second: float32 multiply-adds on registers, each counted as two
  /// Bytes per second of a = b + s c over arrays larger than every cache, counted as 12 bytes an element.
  double bytes = 0;
};

/// Uses as many threads as the CPU device. It takes about a second, and 400 MB while it runs.
MachinePeak measure_machine();

struct ProcessMemory {
  size_t peak_resident = 0;  ///< the most bytes of RAM that the process has held so far
  long page_faults = 0;      ///< pages of memory that the kernel has supplied so far
};
ProcessMemory process_memory();

}  // namespace mneme
