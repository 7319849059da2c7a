// The one test binary: `mneme_tests --list-test-cases`, `mneme_tests -tc="*herding*"`.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "engine/cuda/device.h"
#include "engine/precision.h"
#include "tests/support/gpu.h"

int main(int argc, char** argv) {
  using namespace mneme;
  set_precision(Precision::fp32);  // the tests compare devices to the last digits of f32
  // The tests compare bits; tests of a GPU's measured choice of algorithms switch it off.
  set_deterministic(true);
  const int status = doctest::Context(argc, argv).run();
  if (const int skipped = test::cases_without_gpu())
    fmt::print("skipped: no CUDA device; {} test cases wanted one ({})\n", skipped, cuda_unavailable_because());
  return status;
}
