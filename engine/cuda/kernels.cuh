#pragma once
// The kernels under engine/launch.h. They know neither tensors nor streams, so that tests can run one alone.

#include <cuda_runtime.h>

#include "engine/cuda/grid.h"

namespace mneme::cuda {

template <class F>
__global__ void each_index(int64_t n, F f) {
  const int64_t stride = int64_t{gridDim.x} * blockDim.x;
  for (int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += stride) f(i);
}

template <class F>
__global__ void each_pixel(ImageView v, int64_t n, F f) {
  const int64_t first = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, stride = int64_t{gridDim.x} * blockDim.x;
  for (PixelWalk at(v, first, stride); at.index() < n; at.next(v)) f(at.index(), at.channel(v));
}

/// Bytes of shared memory that channel_sums_of needs: (K, rows, columns) doubles, and one place for a flag.
constexpr size_t shared_bytes_for_sums(int k, const SumGrid& grid) {
  return sizeof(double) * (static_cast<size_t>(k) * static_cast<size_t>(grid.rows * grid.columns) + 1);
}

/// Adds the rows' K numbers of each column in a tree; row 0 has the sums afterwards. All threads of the block must call
/// it. `table` is (K, rows, columns) in shared memory.
template <int K>
__device__ void add_rows(double* table, const double (&mine)[K], int row, int rows, int here, int columns) {
  for (int k = 0; k < K; ++k) table[k * rows * columns + here] = mine[k];
  for (int half = rows / 2; half > 0; half /= 2) {
    __syncthreads();
    if (row < half)
      for (int k = 0; k < K; ++k) table[k * rows * columns + here] += table[k * rows * columns + here + half * columns];
  }
}

/// Note [The last block to arrive]
/// Block (tile, split) adds its share of each of its channels into `shares`, (splits, K, C), and counts itself in
/// `arrived`. The block that finds all others of its tile there adds the shares, in an order that does not depend on
/// which block that is, finishes the channels and sets the count back to 0 for the next kernel. This saves a kernel for
/// the second sum. Where a tile has one block, its share is the sum.
template <int K, class T, class F, class Finish>
__global__ void channel_sums_of(ImageView v, F f, double* shares, double* sums, unsigned* arrived, Finish finish) {
  extern __shared__ double shared[];
  const int columns = static_cast<int>(blockDim.x), rows = static_cast<int>(blockDim.y);
  const int column = static_cast<int>(threadIdx.x), row = static_cast<int>(threadIdx.y), here = row * columns + column;
  const int64_t channels = v.channels(), channel = int64_t{blockIdx.x} * columns + column;
  const int split = static_cast<int>(blockIdx.y), splits = static_cast<int>(gridDim.y);
  const bool inside = channel < channels, writes = inside && row == 0;

  double total[K] = {};
  if (inside) add_share<K, T>(v, f, channel, int64_t{split} * rows + row, int64_t{splits} * rows, total);
  add_rows<K>(shared, total, row, rows, here, columns);
  if (splits > 1) {
    if (writes)
      for (int k = 0; k < K; ++k)
        shares[(int64_t{split} * K + k) * channels + channel] = shared[k * rows * columns + column];
    __threadfence();
    __syncthreads();
    double& flag = shared[K * rows * columns];
    if (here == 0) flag = atomicAdd(&arrived[blockIdx.x], 1u) + 1 == gridDim.y;
    __syncthreads();
    if (flag == 0) return;
    __threadfence();
    const volatile double* const all = shares;  // other blocks wrote them
    for (int k = 0; k < K; ++k) {
      total[k] = 0;
      if (inside)
        for (int other = row; other < splits; other += rows)
          total[k] += all[(int64_t{other} * K + k) * channels + channel];
    }
    add_rows<K>(shared, total, row, rows, here, columns);
    if (here == 0) arrived[blockIdx.x] = 0;
  }
  if (!writes) return;
  for (int k = 0; k < K; ++k) sums[k * channels + channel] = shared[k * rows * columns + column];
  finish(channel);
}

}  // namespace mneme::cuda
