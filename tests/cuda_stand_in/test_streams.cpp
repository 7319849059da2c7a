// Tests that the stand-in finds faults in copies, events, captures and graphs.

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "engine/capture.h"
#include "engine/cuda/event.h"
#include "engine/cuda/start_kernel.cuh"
#include "engine/ops.h"
#include "tests/cuda_stand_in/control.h"
#include "tests/cuda_stand_in/in_child.h"

namespace mneme::cuda {
namespace {

using mneme::test::last_words;

cudaStream_t stream() { return gpu().stream(); }

struct PinnedBlock {
  float* at = nullptr;
  PinnedBlock() { CUDA_CHECK(cudaMallocHost(&at, 64)); }
  ~PinnedBlock() { cudaFreeHost(at); }
};

TEST_CASE("copies of pageable memory are refused, and pinned memory must stay until it is copied") {
  const Tensor t = Tensor::zeros({4}, {Device::cuda});
  const auto pageable_in = [&t] {
    const float values[4] = {};
    CUDA_CHECK(cudaMemcpyAsync(t.raw(), values, sizeof values, cudaMemcpyHostToDevice, stream()));
  };
  CHECK(last_words(pageable_in).find("cudaMemcpyAsync from pageable memory") != std::string::npos);
  const auto pageable_out = [&t] {
    float values[4];
    CUDA_CHECK(cudaMemcpyAsync(values, t.raw(), sizeof values, cudaMemcpyDeviceToHost, stream()));
  };
  CHECK(last_words(pageable_out).find("cudaMemcpyAsync to pageable memory") != std::string::npos);
  const auto changed = [&t] {
    const PinnedBlock block;
    block.at[0] = 1;
    CUDA_CHECK(cudaMemcpyAsync(t.raw(), block.at, 16, cudaMemcpyHostToDevice, stream()));
    block.at[0] = 2;
    CUDA_CHECK(cudaStreamSynchronize(stream()));
  };
  CHECK(last_words(changed).find("pinned memory was changed before the copy from it") != std::string::npos);
}

TEST_CASE("what is copied out is there after waiting and not before") {
  const PinnedBlock block;
  const Tensor t = Tensor::full({4}, 7, {Device::cuda});
  Event end(Event::Kind::place);
  CUDA_CHECK(cudaMemcpyAsync(block.at, t.raw(), 16, cudaMemcpyDeviceToHost, stream()));
  end.record();
  CHECK(block.at[0] != block.at[0]);
  end.wait();
  CHECK(block.at[0] == 7);
}

TEST_CASE("waiting inside a capture spoils it, and the last error stays until it is read") {
  cudaGraph_t graph = nullptr;
  CUDA_CHECK(cudaStreamBeginCapture(stream(), cudaStreamCaptureModeRelaxed));
  CHECK(cudaStreamSynchronize(stream()) == cudaErrorStreamCaptureUnsupported);
  CHECK(cudaStreamEndCapture(stream(), &graph) == cudaErrorStreamCaptureInvalidated);
  CHECK(graph == nullptr);
  cudaStreamCaptureStatus status;
  CHECK(cudaStreamIsCapturing(stream(), &status) == cudaSuccess);
  CHECK(status == cudaStreamCaptureStatusNone);
  CHECK(cudaGetLastError() == cudaErrorStreamCaptureInvalidated);
  CHECK(cudaGetLastError() == cudaSuccess);
}

TEST_CASE("an error can be injected at a call, once or for good") {
  stand_in::fail_call(2, "cudaStreamSynchronize");
  CHECK(cudaStreamSynchronize(stream()) == cudaSuccess);
  CHECK(cudaStreamSynchronize(stream()) == cudaErrorUnknown);
  CHECK(stand_in::failed_function() == "cudaStreamSynchronize");
  CHECK(cudaStreamSynchronize(stream()) == cudaSuccess);
  CHECK(cudaGetLastError() == cudaErrorUnknown);
  stand_in::fail_call(1, "", true);
  for (int i = 0; i < 3; ++i) CHECK(cudaStreamSynchronize(stream()) == cudaErrorIllegalAddress);
  for (int i = 0; i < 3; ++i) CHECK(cudaGetLastError() == cudaErrorIllegalAddress);
  stand_in::fail_call(0);
  CHECK(cudaGetLastError() == cudaSuccess);
  CHECK(cudaStreamSynchronize(stream()) == cudaSuccess);
}

TEST_CASE("an event without times has none, and one that was not reached has none yet") {
  Event place(Event::Kind::place), start(Event::Kind::time), end(Event::Kind::time);
  start.record(), end.record(), place.record();
  CHECK_THROWS_WITH_AS((void)end.milliseconds_since(place), doctest::Contains("cudaErrorInvalidResourceHandle"), Error);
  end.wait();
  CHECK(end.milliseconds_since(start) >= 0);
}

/// A step whose result lies in memory that is not reserved for it, as if Arena::Reserve did not exist.
TEST_CASE("a graph that writes to memory which has been given away is found") {
  const auto launch_twice = [] {
    Backend& device = backend(Device::cuda);
    const Tensor x = Tensor::full({1000}, 3, {Device::cuda});
    (void)square(x);
    device.begin_capture();
    (void)square(x);
    const auto work = device.end_capture();
    work->launch();
    std::vector<Tensor> others;
    for (int i = 0; i < 4; ++i) others.push_back(Tensor::zeros({1000}, {Device::cuda}));
    work->launch();
    for (const Tensor& other : others)
      for (const float value : other.floats())
        if (value != 0) stand_in::stop("a graph launch wrote into somebody else's tensor");
  };
  CHECK(last_words(launch_twice).find("stand-in: ") != std::string::npos);
}

TEST_CASE("a host's number captured by value is seen: graph launches follow the tensor and not the number") {
  const CaptureSteps before = capture_steps();
  set_capture_steps(CaptureSteps::always);
  Tensor y = Tensor::zeros({2}, {Device::cuda}), z = Tensor::zeros({2}, {Device::cuda});
  GraphedStep step(Device::cuda);
  double number = 0;
  for (int i = 1; i <= 4; ++i) {
    number = i;
    step.run({Tensor::full({2}, i, y.options())}, [&](std::span<const Tensor> in) {
      y.copy_from(scale(in[0], 10));
      z.copy_from(add_scalar(scale(in[0], 0), 10 * number));  // the planted fault
    });
    CHECK(y.floats()[0] == 10 * static_cast<float>(i));
    CHECK(z.floats()[0] == 10 * static_cast<float>(std::min(i, 2)));
  }
  set_capture_steps(before);
}

}  // namespace
}  // namespace mneme::cuda
