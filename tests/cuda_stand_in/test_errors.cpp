// Tests of the CUDA device when a call fails.

#include <doctest/doctest.h>

#include <vector>

#include "engine/capture.h"
#include "engine/cuda/blas.h"
#include "engine/cuda/pinned_ring.h"
#include "engine/ops.h"
#include "engine/precision.h"
#include "tests/cuda_stand_in/control.h"
#include "tests/engine/cpu/conv_cases.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

struct InjectedError {
  InjectedError(int64_t n, const char* function, bool sticky = false) { stand_in::fail_call(n, function, sticky); }
  ~InjectedError() {
    stand_in::fail_call(0);
    cudaGetLastError();
  }
};

Switched<CaptureSteps> always_capture() { return {set_capture_steps, CaptureSteps::always, capture_steps()}; }

Tensor on_gpu(const Shape& shape, double value) { return Tensor::full(shape, value, {Device::cuda}); }

TEST_CASE("where a graph cannot be made the step runs as usual, and its next kernel does not meet the old error") {
  const auto choice = always_capture();
  for (const char* function : {"cudaGraphInstantiate", "cudaStreamBeginCapture", "cudaStreamEndCapture"}) {
    CAPTURE(function);
    const InjectedError error(1, function);
    GraphedStep step(Device::cuda);
    Tensor y = on_gpu({3}, 0);
    for (int i = 1; i <= 4; ++i) {
      step.run({on_gpu({3}, i)}, [&](std::span<const Tensor> in) { y.copy_from(square(in[0])); });
      CHECK(y.floats() == std::vector<float>(3, static_cast<float>(i * i)));
    }
    CHECK(step.graph_launches() == 0);
    CHECK(step.capture_obstacle().find("cudaErrorUnknown") != std::string::npos);
  }
}

TEST_CASE("a graph that cannot be launched ends the run with the call and the reason") {
  const auto choice = always_capture();
  const InjectedError error(1, "cudaGraphLaunch");
  GraphedStep step(Device::cuda);
  const auto run = [&] { step.run({on_gpu({3}, 1)}, [](std::span<const Tensor> in) { (void)square(in[0]); }); };
  run();
  CHECK_THROWS_WITH_AS(run(), doctest::Contains("cudaErrorLaunchOutOfResources"), Error);
}

/// A convolution shape that no plan exists for yet. Each test has its own image size.
ConvShape new_shape(int64_t side) { return {2, 8, side, side, 8, 3, 3, 1, 1}; }

Tensor convolution(const ConvShape& s) {
  return conv2d(on_gpu({s.n, s.c, s.h, s.w}, 0.5), on_gpu({s.k, s.c, s.r, s.s}, 0.25), {s.stride, s.pad});
}

TEST_CASE("a step whose plan would be chosen while it is captured says so, and runs as usual") {
  const auto choice = always_capture();
  GraphedStep step(Device::cuda);
  bool other = false;
  Tensor total = on_gpu({}, 0);
  for (int i = 0; i < 3; ++i) {
    step.run({}, [&](std::span<const Tensor>) { total.copy_from(sum(convolution(new_shape(other ? 6 : 5)))); });
    other = true;
  }
  CHECK(step.capture_obstacle() == "it chooses how to compute a convolution, which a graph cannot repeat");
  CHECK(total.item() ==
        // Every pass meets each of 6 rows with 3 rows of the filter, less the 2 at the edges.
        doctest::Approx(2.0 * 8 * 8 * 0.125 * 16 * 16));
}

TEST_CASE("deterministic convolutions take the first plan that runs, though the first of all refuses") {
  const Switched repeatable(set_deterministic, true, deterministic());
  CHECK(sum(convolution(new_shape(7))).item() == doctest::Approx(2.0 * 8 * 8 * 0.125 * 19 * 19));
}

TEST_CASE("an error that the GPU cannot get over is told as it is while plans are tried") {
  for (const bool repeatable : {false, true}) {
    const Switched choice(set_deterministic, repeatable, deterministic());
    const InjectedError error(1, "cudnnBackendExecute", true);
    CHECK_THROWS_WITH_AS((void)convolution(new_shape(repeatable ? 8 : 9)),
                         doctest::Contains("CUDNN_STATUS_INTERNAL_ERROR"), Error);
  }
}

TEST_CASE("a plan that fails once is passed over for another") {
  const Switched repeatable(set_deterministic, false, deterministic());
  const InjectedError error(2, "cudnnBackendExecute");
  CHECK(sum(convolution(new_shape(10))).item() == doctest::Approx(2.0 * 8 * 8 * 0.125 * 28 * 28));
  CHECK(stand_in::failed_function() == "cudnnBackendExecute");
}

TEST_CASE("convolutions chosen by measuring give the numbers of those in fixed order, up to rounding") {
  const ConvShape s{3, 16, 12, 12, 24, 3, 3, 1, 1};
  const ConvInputs in(s);
  const TensorOptions x{Device::cuda, DType::f32, Layout::channels_last};
  const Switched first(set_deterministic, true, deterministic());
  const ConvResults fixed = results(s, in, x, x);
  set_deterministic(false);
  CHECK(distance(results(s, in, x, x), fixed) < 1e-5);
}

TEST_CASE("the first matrix product keeps no memory of the arena") {
  Arena& arena = backend(Device::cuda).arena();
  const Tensor workspace =
      Tensor::empty({static_cast<int64_t>(cuda::Blas::workspace_bytes)}, {Device::cuda, DType::u8});
  cuda::Blas blas(workspace.raw());
  const Tensor a = on_gpu({2, 3}, 1), b = on_gpu({3, 4}, 2);
  Tensor c = on_gpu({2, 4}, 0);
  const size_t before = arena.use().live;
  blas.matmul(a, false, b, false, c);
  CHECK(arena.use().live == before);
  CHECK(c.floats() == std::vector<float>(8, 6));
}

TEST_CASE("pinned memory and events go back when one of the events cannot be made") {
  const auto count = [](const char* function) { return stand_in::calls()[function]; };
  const int64_t freed = count("cudaFreeHost"), destroyed = count("cudaEventDestroy");
  const InjectedError error(5, "cudaEventCreateWithFlags");
  CHECK_THROWS_WITH_AS(cuda::PinnedRing(), doctest::Contains("cudaEventCreateWithFlags"), Error);
  CHECK(count("cudaFreeHost") == freed + 1);
  CHECK(count("cudaEventDestroy") == destroyed + 4);
}

TEST_CASE("a GPU out of memory is asked again once what waits in the arena has gone back") {
  Arena& arena = backend(Device::cuda).arena();
  arena.trim();
  const size_t held = arena.use().reserved;
  stand_in::limit_memory(held + (size_t{3} << 20));
  {
    for (int i = 0; i < 2; ++i) (void)Tensor::zeros({1 << 18}, {Device::cuda});  // one MiB
    CHECK_NOTHROW((void)Tensor::zeros({5 << 17}, {Device::cuda}));               // two and a half MiB
    CHECK_THROWS_WITH_AS((void)Tensor::zeros({1 << 20}, {Device::cuda}), doctest::Contains("out of memory on cuda"),
                         Error);
  }
  stand_in::limit_memory(0);
  CHECK(on_gpu({3}, 2).floats() == std::vector<float>(3, 2));
}

}  // namespace
}  // namespace mneme::test
