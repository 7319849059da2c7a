#pragma once
// For tests that need a GPU. On a machine without one they pass, and tests/main.cpp reports how many did.

#include "engine/device.h"

namespace mneme::test {

/// How many test cases needed a GPU and found none.
inline int& cases_without_gpu() {
  static int count = 0;
  return count;
}

/// For the start of a test case that needs a GPU: `if (!gpu_here()) return;`
inline bool gpu_here() {
  const bool here = device_available(Device::cuda);
  if (!here) ++cases_without_gpu();
  return here;
}

}  // namespace mneme::test
