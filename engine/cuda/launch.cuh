#pragma once
// The kernels under engine/launch.h. Everything goes to the one stream, in order; nothing here waits for the GPU.

#include "engine/cuda/grid.h"
#include "engine/cuda/start_kernel.cuh"

namespace mneme::cuda {

template <class F>
__global__ void each_index(int64_t n, F f) {
  const int64_t stride = int64_t{gridDim.x} * blockDim.x;
  for (int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += stride) f(i);
}

template <class F>
void for_each(int64_t n, const F& f) {
  if (n == 0) return;
  const Grid grid = grid_for(n, gpu().multiprocessors());
  start_kernel("each_index", each_index<F>, grid.blocks, grid.threads, 0, n, f);
}

template <class F>
__global__ void each_pixel(ImageView v, int64_t n, F f) {
  const int64_t first = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, stride = int64_t{gridDim.x} * blockDim.x;
  for (PixelWalk at(v, first, stride); at.index() < n; at.next(v)) f(at.index(), at.channel(v));
}

template <class F>
void for_each_pixel(const ImageView& v, const F& f) {
  const int64_t n = v.images * v.channels() * v.pixels;
  if (n == 0) return;
  const Grid grid = grid_for(n, gpu().multiprocessors());
  start_kernel("each_pixel", each_pixel<F>, grid.blocks, grid.threads, 0, v, n, f);
}

/// Block (tile, split) adds its share of each of its channels: threads first on their own, then in a tree over the
/// rows. `partial` is (splits, K, C). Where a share is the whole, the channel is finished, too.
template <int K, class T, class F, class Finish>
__global__ void channel_shares(ImageView v, F f, double* partial, Finish finish) {
  extern __shared__ double shared[];  // (K, rows, columns)
  const int columns = static_cast<int>(blockDim.x), rows = static_cast<int>(blockDim.y);
  const int column = static_cast<int>(threadIdx.x), row = static_cast<int>(threadIdx.y), here = row * columns + column;
  const int64_t channel = int64_t{blockIdx.x} * columns + column, split = blockIdx.y;
  double total[K] = {};
  if (channel < v.channels()) add_share<K, T>(v, f, channel, split * rows + row, int64_t{gridDim.y} * rows, total);
  for (int k = 0; k < K; ++k) shared[k * rows * columns + here] = total[k];
  for (int half = rows / 2; half > 0; half /= 2) {
    __syncthreads();
    if (row < half)
      for (int k = 0; k < K; ++k)
        shared[k * rows * columns + here] += shared[k * rows * columns + here + half * columns];
  }
  if (row > 0 || channel >= v.channels()) return;
  for (int k = 0; k < K; ++k) partial[(split * K + k) * v.channels() + channel] = shared[k * rows * columns + column];
  if (gridDim.y == 1) finish(channel);
}

/// One warp per channel: for each sum its lanes add every 32nd share in order, then each other in a tree.
template <int Warp, int K, class Finish>
__global__ void sum_of_shares(const double* partial, int splits, int64_t channels, double* sums, Finish finish) {
  const int64_t channel = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) / Warp, width = K * channels;
  if (channel >= channels) return;  // whole warps leave together
  for (int k = 0; k < K; ++k) {
    double total = 0;
    for (int split = static_cast<int>(threadIdx.x) % Warp; split < splits; split += Warp)
      total += partial[split * width + k * channels + channel];
    for (int other = Warp / 2; other > 0; other /= 2) total += __shfl_down_sync(0xFFFFFFFFu, total, other);
    if (threadIdx.x % Warp == 0) sums[k * channels + channel] = total;
  }
  if (threadIdx.x % Warp == 0) finish(channel);
}

template <int K, class T, class F, class Finish>
void channel_sums(const ImageView& v, const F& f, double* sums, const Finish& finish) {
  constexpr int warp = 32, warps_per_block = 4;
  if (v.channels() == 0) return;
  const SumGrid grid = sum_grid(v);
  const dim3 block(static_cast<unsigned>(grid.columns), static_cast<unsigned>(grid.rows));
  const dim3 blocks(static_cast<unsigned>(grid.tiles), static_cast<unsigned>(grid.splits));
  const size_t shared_bytes = sizeof(double) * K * block.x * block.y;
  const Buffer partial(Device::cuda, sizeof(double) * static_cast<size_t>(grid.splits * K * v.channels()));
  auto* shares = reinterpret_cast<double*>(partial.data());
  start_kernel("channel_shares", channel_shares<K, T, F, Finish>, blocks, block, shared_bytes, v, f,
               grid.splits == 1 ? sums : shares, finish);
  if (grid.splits == 1) return;
  const auto blocks_of_warps = static_cast<unsigned>((v.channels() + warps_per_block - 1) / warps_per_block);
  start_kernel("sum_of_shares", sum_of_shares<warp, K, Finish>, blocks_of_warps, warp * warps_per_block, 0, shares,
               grid.splits, v.channels(), sums, finish);
}

}  // namespace mneme::cuda
