// The one test binary: `mneme_tests --list-test-cases`, `mneme_tests -tc="*herding*"`.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "engine/cuda/device.h"
#include "engine/precision.h"
#include "tests/support/gpu.h"

int main(int argc, char** argv) {
  using namespace mneme;
  set_precision(Precision::fp32);  // devices are compared to f32's last digits
  set_deterministic(true);         // bits are compared; tests of a GPU's measured choice switch it off
  const int status = doctest::Context(argc, argv).run();
  if (const int skipped = test::cases_without_gpu())
    fmt::print("skipped: no CUDA device; {} test cases wanted one ({})\n", skipped, cuda_unavailable_because());
  return status;
}
