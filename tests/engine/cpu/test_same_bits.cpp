// Tests of the decision whether a run may go on under other instructions. The decision reads only descriptions of
// processors, so that every pair can be tried.

#include <doctest/doctest.h>

#include "engine/base/error.h"
#include "engine/device.h"

namespace mneme::test {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("AVX-512 and AVX2 give the same bits where oneDNN uses the same instructions") {
  const std::string avx2 = "cpu: avx2 kernels, oneDNN 2.7.2 (avx2)";
  CHECK(why_other_bits(avx2, avx2).empty());
  CHECK(why_other_bits("cpu: avx512 kernels, oneDNN 2.7.2 (avx2)", avx2).empty());
  CHECK(why_other_bits(avx2, "cpu: avx512 kernels, oneDNN 2.7.2 (avx2_vnni)").empty());
  CHECK(why_other_bits("cpu: avx512 kernels, oneDNN 2.7.2 (avx512_core)",
                       "cpu: avx512 kernels, oneDNN 2.7.2 (avx512_core_amx)")
            .empty());
  CHECK(why_other_bits("cpu: avx512 kernels, own loops (built without oneDNN)",
                       "cpu: avx2 kernels, own loops (built without oneDNN)")
            .empty());
}

TEST_CASE("an older run that does not tell oneDNN's instructions goes on where the rest is the same") {
  CHECK(why_other_bits("cpu: avx2 kernels, oneDNN 2.7.2", "cpu: avx2 kernels, oneDNN 2.7.2 (avx2)").empty());
}

TEST_CASE("where bits would differ, the reason and the remedy are told") {
  const std::string at_512 = "cpu: avx512 kernels, oneDNN 2.7.2 (avx512_core_vnni)",
                    at_2 = "cpu: avx2 kernels, oneDNN 2.7.2 (avx2)";
  const std::string down = why_other_bits(at_512, at_2), up = why_other_bits(at_2, at_512);
  CHECK_MESSAGE(has(down, "by oneDNN 2.7.2 with avx512 instructions, and here with avx2"), down);
  CHECK_MESSAGE(has(down, "go on with it on a processor with avx512"), down);
  CHECK_MESSAGE(has(up, "MNEME_ISA=avx2 in the environment goes on with it"), up);
  CHECK(has(why_other_bits(at_2, "cpu: generic kernels, oneDNN 2.7.2 (sse41)"), "by the avx2 kernels"));
  CHECK(
      has(why_other_bits(at_2, "cpu: avx2 kernels, oneDNN 3.1.0 (avx2)"), "by oneDNN 2.7.2, and here by oneDNN 3.1.0"));
  CHECK(has(why_other_bits(at_2, "cpu: avx2 kernels, own loops (built without oneDNN)"), "and here by own loops"));
  CHECK(has(why_other_bits("H100, cuDNN 9", "H200, cuDNN 9"), "it was computed by H100, cuDNN 9, and here by H200"));
  for (const char* broken : {"", "cpu: ", "cpu: avx2", "cpu: avx2 kernels, oneDNN (", "cpu:  kernels, "})
    CHECK(why_other_bits(broken, broken).empty());
}

TEST_CASE("this device tells its kernels and, with oneDNN, the instructions that oneDNN uses") {
  const std::string text = backend(Device::cpu).describe();
  CHECK_MESSAGE(text.starts_with("cpu: "), text);
  if (has(text, "oneDNN")) CHECK_MESSAGE(text.ends_with(")"), text);
}

}  // namespace
}  // namespace mneme::test
