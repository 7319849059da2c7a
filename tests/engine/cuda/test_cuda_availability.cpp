#include <doctest/doctest.h>

#include "engine/base/error.h"
#include "engine/cuda/availability.h"

namespace mneme::cuda {
namespace {

Probe working() {
  Probe p;
  p.driver = p.toolkit = 13000;
  p.devices = 1;
  p.name = "NVIDIA H200";
  p.capability = 90;
  p.built_for = "80,90,120";
  p.cudnn_built = p.cudnn_found = 9;
  return p;
}

TEST_CASE("a failed call names the call, the status, the library's reason, what to do and where, on one line") {
  const std::source_location at = std::source_location::current();
  CHECK(failure_text("cudaMalloc(&p, n)", "cudaErrorMemoryAllocation", "out of memory", at) ==
        fmt::format("cudaMalloc(&p, n): cudaErrorMemoryAllocation: out of memory; lower --batch-size, or stop other "
                    "programs on this GPU "
                    "(nvidia-smi lists them) ({}:{})",
                    at.file_name(), at.line()));
  CHECK(failure_text("f()", "cudaErrorIllegalAddress", "first line\nsecond line", at).find('\n') == std::string::npos);
}

TEST_CASE("a status without a hint or a reason leaves no empty clause behind") {
  const std::source_location at = std::source_location::current();
  CHECK(failure_text("f()", "CUDNN_STATUS_BAD_PARAM", "", at) ==
        fmt::format("f(): CUDNN_STATUS_BAD_PARAM ({}:{})", at.file_name(), at.line()));
  CHECK(hint_for("cudaErrorNeverHeardOf").empty());
}

TEST_CASE("a failed call ends the program with exit code 1") {
  try {
    fail_call("f()", "cudaErrorUnknown", "unknown error", std::source_location::current());
    FAIL("no exception");
  } catch (const Error& error) {
    CHECK(error.exit_code() == 1);
  }
}

TEST_CASE("a machine whose GPU works has no excuse") { CHECK(unavailable_because(working()).empty()); }

TEST_CASE("no driver, too old a driver, no GPU, a hidden GPU and a silent driver are told apart") {
  Probe p = working();
  p.driver = 0;
  CHECK(unavailable_because(p) == "this machine has no NVIDIA driver; install one, or use --device cpu");

  p = working();
  p.driver = 12040;
  p.count_status = "cudaErrorInsufficientDriver";
  CHECK(unavailable_because(p) ==
        "the NVIDIA driver is too old: it serves CUDA 12.4 and this program was built with CUDA 13.0; update the "
        "NVIDIA driver, or build with "
        "an older CUDA toolkit");

  p = working();
  p.devices = 0;
  p.count_status = "cudaErrorNoDevice";
  CHECK(unavailable_because(p) == "the NVIDIA driver finds no GPU; nvidia-smi lists them, --device cpu works without");
  p.visible_set = true;
  CHECK(unavailable_because(p) == "no GPU can be seen: CUDA_VISIBLE_DEVICES is ''; unset it, or use --device cpu");

  p = working();
  p.count_status = "cudaErrorSystemDriverMismatch";
  CHECK(unavailable_because(p) ==
        "the NVIDIA driver does not answer: cudaErrorSystemDriverMismatch; the GPU or its driver needs an "
        "administrator; nvidia-smi -q says more");
}

TEST_CASE("a driver newer than the toolkit, or older only in its minor version, is good enough") {
  Probe p = working();
  p.driver = 13010;
  CHECK(unavailable_because(p).empty());
  p.toolkit = 13020;
  CHECK(unavailable_because(p).empty());
}

TEST_CASE("a GPU that the program has no code for is told with both architectures") {
  Probe p = working();
  p.name = "NVIDIA V100";
  p.capability = 70;
  p.code_status = "cudaErrorNoKernelImageForDevice";
  CHECK(unavailable_because(p) ==
        "NVIDIA V100 has compute capability 7.0, and this program has code for 80,90,120 only "
        "(cudaErrorNoKernelImageForDevice); configure with "
        "-DCMAKE_CUDA_ARCHITECTURES=native");
}

TEST_CASE("a cuDNN of another major version than the program's is refused") {
  Probe p = working();
  p.cudnn_found = 8;
  CHECK(unavailable_because(p) ==
        "cuDNN 8 was found, and this program was built with cuDNN 9; see which folders LD_LIBRARY_PATH names");
}

}  // namespace
}  // namespace mneme::cuda
