#pragma once
// Tests that need a GPU. Where there is none they pass over, and tests/main.cpp says how many did.

#include "engine/device.h"

namespace mneme::test {

/// How many test cases wanted a GPU and found none.
inline int& cases_without_gpu() {
  static int count = 0;
  return count;
}

/// At the start of a test case that needs a GPU: `if (!gpu_here()) return;`
inline bool gpu_here() {
  const bool here = device_available(Device::cuda);
  if (!here) ++cases_without_gpu();
  return here;
}

}  // namespace mneme::test
