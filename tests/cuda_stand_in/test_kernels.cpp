// Tests that the stand-in finds faults of kernels. Every fault is planted in a small kernel of this file.

#include <doctest/doctest.h>

#include <vector>

#include "engine/cuda/start_kernel.cuh"
#include "engine/device.h"
#include "engine/ops/packs.h"
#include "engine/tensor.h"
#include "tests/cuda_stand_in/control.h"
#include "tests/cuda_stand_in/in_child.h"

namespace mneme::cuda {

// Kernels with shared memory must be in the namespace mneme::cuda, where the stand-in declares that memory.
constexpr int width = 64;

/// The sum of 64 numbers by halving, with or without the barrier that it needs.
template <bool Barrier>
__global__ void sum_by_halving(const float* x, float* sum) {
  extern __shared__ double shared[];
  const unsigned i = threadIdx.x;
  shared[i] = x[i];
  for (unsigned half = width / 2; half > 0; half /= 2) {
    if (Barrier) __syncthreads();
    if (i < half) shared[i] += shared[i + half];
  }
  if (i == 0) *sum = static_cast<float>(shared[0]);
}

__global__ void numbers_from(int first, int end, float* to) {
  for (int i = static_cast<int>(threadIdx.x) + first; i < end; i += static_cast<int>(blockDim.x)) to[i] = 1;
}

__global__ void leave_before_barrier() {
  if (threadIdx.x < 3) return;
  __syncthreads();
}

__global__ void leave_before_shuffle(float* to) {
  if (threadIdx.x % 2) return;
  *to = __shfl_down_sync(0xFFFFFFFFu, 1.0f, 1);
}

__global__ void double_a_pack(float* x) {
  float numbers[pack_of<float>];
  read_pack(x, numbers);
  for (float& number : numbers) number *= 2;
  write_pack(numbers, x);
}

__global__ void write_behind_shared_memory() {
  extern __shared__ double shared[];
  shared[threadIdx.x + 1] = 0;
}

__global__ void shift_in_warps(const float* x, float* y) {
  y[threadIdx.x] = __shfl_down_sync(0xFFFFFFFFu, x[threadIdx.x], 1) + __shfl_xor_sync(0xFFFFFFFFu, x[threadIdx.x], 3);
}

namespace {

using mneme::test::last_words;

Tensor on_device(const std::vector<float>& values) {
  return Tensor::from(values, {static_cast<int64_t>(values.size())}, {Device::cuda});
}

std::vector<float> counting(int count) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i) values.push_back(static_cast<float>(i));
  return values;
}

void wait() { CUDA_CHECK(cudaStreamSynchronize(gpu().stream())); }

template <bool Barrier>
float halved(uint64_t seed) {
  stand_in::set_seed(seed);
  const Tensor x = on_device(counting(width)), sum = Tensor::zeros({1}, {Device::cuda});
  start_kernel("sum_by_halving", sum_by_halving<Barrier>, 1, width, sizeof(double) * width, x.data<float>(),
               sum.data<float>());
  return static_cast<float>(sum.item());
}

TEST_CASE("a sum with barriers is right in every order of threads, and wrong in nearly all once they are left out") {
  int wrong = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CHECK(halved<true>(seed) == width * (width - 1) / 2);
    wrong += halved<false>(seed) != width * (width - 1) / 2;
  }
  CHECK(wrong >= 18);
}

TEST_CASE("lanes of a warp meet at shuffles, several times, in every order") {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    stand_in::set_seed(seed);
    const Tensor x = on_device(counting(96)), y = Tensor::zeros({96}, {Device::cuda});
    start_kernel("shift_in_warps", shift_in_warps, 1, 96, 0, x.data<float>(), y.data<float>());
    const std::vector<float> got = y.floats();
    for (int i = 0; i < 96; ++i) {
      const int next = i % 32 == 31 ? i : i + 1;
      REQUIRE(got[static_cast<size_t>(i)] == static_cast<float>(next + (i ^ 3)));
    }
  }
}

TEST_CASE("a barrier or a shuffle that some threads have left ends the program") {
  const auto barrier = [] { start_kernel("leave_before_barrier", leave_before_barrier, 1, 64, 0), wait(); };
  CHECK(last_words(barrier).find("stand-in: kernel leave_before_barrier: __syncthreads() is reached by 61 threads of a "
                                 "block, but 3 have left it") != std::string::npos);
  const auto shuffle = [] {
    const Tensor to = Tensor::zeros({1}, {Device::cuda});
    start_kernel("leave_before_shuffle", leave_before_shuffle, 1, 32, 0, to.data<float>()), wait();
  };
  CHECK(last_words(shuffle).find("a shuffle names all lanes of a warp, but 16 of them have left the kernel") !=
        std::string::npos);
}

TEST_CASE("writing behind shared memory, behind a tensor and behind a block of memory is found") {
  const auto behind_shared = [] {
    start_kernel("write_behind_shared_memory", write_behind_shared_memory, 1, 32, 32 * sizeof(double)), wait();
  };
  CHECK(
      last_words(behind_shared).find("kernel write_behind_shared_memory wrote behind its 256 bytes of shared memory") !=
      std::string::npos);
  for (const int64_t count : {10, 1024}) {  // with and without room between the tensor's end and the block's
    const auto behind_tensor = [count] {
      {
        const Tensor to = Tensor::zeros({count}, {Device::cuda});
        start_kernel("numbers_from", numbers_from, 1, 32, 0, 0, static_cast<int>(count) + 1, to.data<float>());
      }
      backend(Device::cuda).arena().trim();
      wait();
    };
    CHECK(last_words(behind_tensor).find("something was written behind the end of a") != std::string::npos);
  }
}

TEST_CASE("memory that went back to the arena must not be written to, memory that went back to CUDA not be touched") {
  const auto to_arena = [] {
    Tensor t = Tensor::zeros({1000}, {Device::cuda});
    float* const at = t.data<float>();
    t = Tensor();
    start_kernel("numbers_from", numbers_from, 1, 32, 0, 0, 10, at);
    t = Tensor::zeros({1000}, {Device::cuda});
    wait();
  };
  CHECK(last_words(to_arena).find("device memory was written to after it was given back to the arena") !=
        std::string::npos);
  const auto to_cuda = [] {
    float* at = nullptr;
    CUDA_CHECK(cudaMalloc(&at, 4096));
    CUDA_CHECK(cudaFree(at));
    start_kernel("numbers_from", numbers_from, 1, 32, 0, 0, 10, at);
    wait();
  };
  CHECK(last_words(to_cuda).find("stand-in: numbers_from touched device memory") != std::string::npos);
}

TEST_CASE("a pack that is not aligned ends the program") {
  const auto touch = [] {
    const Tensor x = Tensor::zeros({12}, {Device::cuda});
    start_kernel("double_a_pack", double_a_pack, 1, 1, 0, x.data<float>() + 4);
    wait();
    start_kernel("double_a_pack", double_a_pack, 1, 1, 0, x.data<float>() + 1);
    wait();
  };
  CHECK(last_words(touch) == "stand-in: double_a_pack made an access that is not aligned\n");
}

TEST_CASE("the host cannot touch device memory, and new memory holds no numbers") {
  const Tensor t = Tensor::zeros({10}, {Device::cuda});
  const auto touch = [&t] { t.data<float>()[0] = 1; };
  CHECK(last_words(touch).find("stand-in: the host touched device memory") != std::string::npos);
  const Tensor fresh = Tensor::empty({100}, {Device::cuda});
  for (const float value : fresh.floats()) CHECK(value != value);
}

TEST_CASE("a launch that a GPU would refuse is refused, with the kernel's name") {
  CHECK_THROWS_WITH_AS(start_kernel("numbers_from", numbers_from, 1, 1056, 0, 0, 0, nullptr),
                       doctest::Contains("launch of numbers_from: cudaErrorInvalidConfiguration"), Error);
  CHECK_THROWS_AS(start_kernel("numbers_from", numbers_from, dim3(1, 70000), 32, 0, 0, 0, nullptr), Error);
  CHECK_THROWS_AS(start_kernel("numbers_from", numbers_from, 1, 32, 64 << 10, 0, 0, nullptr), Error);
  CHECK(cudaGetLastError() == cudaSuccess);
}

}  // namespace
}  // namespace mneme::cuda
