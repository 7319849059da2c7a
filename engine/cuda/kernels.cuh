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

/// The functor's packs among the n elements, and the elements that are left over (Note [Packs]).
template <class F>
__global__ void each_pack(int64_t n, F f) {
  const int64_t first = int64_t{blockIdx.x} * blockDim.x + threadIdx.x, stride = int64_t{gridDim.x} * blockDim.x;
  const int64_t packs = n / F::pack;
  for (int64_t i = first; i < packs; i += stride) f.several(i * F::pack);
  for (int64_t i = packs * F::pack + first; i < n; i += stride) f(i);
}

/// As each_pixel, for n packs of an image whose channels lie last, `lanes` packs for each pixel.
template <class F>
__global__ void each_pixel_pack(unsigned lanes, int64_t n, F f) {
  const unsigned first = blockIdx.x * blockDim.x + threadIdx.x, stride = gridDim.x * blockDim.x, step = stride % lanes;
  unsigned lane = first % lanes;
  for (int64_t i = first; i < n; i += stride) {
    f.several(i * F::pack, int64_t{lane} * F::pack);
    lane += step;
    if (lane >= lanes) lane -= lanes;
  }
}

/// A warp for each row (engine/ops/launch_rows.h).
template <class F>
__global__ void each_row(int64_t n, int64_t k, F f) {
  constexpr int64_t lanes = 32;
  const int64_t lane = threadIdx.x % lanes, warps = int64_t{gridDim.x} * blockDim.x / lanes;
  for (int64_t row = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) / lanes; row < n; row += warps) {
    typename F::Number found[F::stages];
    for (int stage = 0; stage < F::stages; ++stage) {
      typename F::Number joined = f.start(stage);
      for (int64_t j = lane; j < k; j += lanes) joined = f.join(stage, joined, f.term(stage, found, row, j));
      for (int step = lanes / 2; step > 0; step /= 2)
        joined = f.join(stage, joined, __shfl_xor_sync(0xFFFFFFFFu, joined, step));
      found[stage] = f.finished(stage, joined);
    }
    for (int64_t j = lane; j < k; j += lanes) f.write(found, row, j);
    if (lane == 0) f.end(found, row);
  }
}

/// Bytes of shared memory that channel_sums_of needs: (K, P, rows / 2, columns) doubles, and one place for a flag.
constexpr size_t shared_bytes_for_sums(int k, int p, const SumGrid& grid) {
  return sizeof(double) * (static_cast<size_t>(k) * static_cast<size_t>(p * grid.rows / 2 * grid.columns) + 1);
}

/// Adds up the rows' numbers of each column in a tree; row 0 has the sums afterwards. All threads of the block must call
/// it. In each round the lower half of the rows that are left takes over the upper half's numbers through `table`, (K, P,
/// rows / 2, columns) in shared memory.
template <int K, int P>
__device__ void add_rows(double* table, double (&mine)[K][P], int row, int column) {
  const int rows = static_cast<int>(blockDim.y), columns = static_cast<int>(blockDim.x);
  const int stride = rows / 2 * columns;
  for (int half = rows / 2; half > 0; half /= 2) {
    double* const place = table + row % half * columns + column;
    if (row >= half && row < 2 * half)
      for (int k = 0; k < K; ++k)
        for (int p = 0; p < P; ++p) place[(k * P + p) * stride] = mine[k][p];
    __syncthreads();
    if (row < half)
      for (int k = 0; k < K; ++k)
        for (int p = 0; p < P; ++p) mine[k][p] += place[(k * P + p) * stride];
    __syncthreads();
  }
}

/// Note [The last block to arrive]
/// Block (tile, split) adds its share of each of its channels into `shares`, (splits, K, C), and counts itself in
/// `arrived`. The block that finds all others of its tile there adds the shares, in an order that does not depend on
/// which block that is, finishes the channels and sets the count back to 0 for the next kernel. This saves a kernel for
/// the second sum. Where a tile has one block, its share is the sum. A channel of `v` is a pack of P channels of the
/// image.
template <int K, int P, class T, class F, class Finish>
__global__ void __launch_bounds__(sum_threads, 2) channel_sums_of(ImageView v, F f, double* shares, double* sums, unsigned* arrived, Finish finish) {
  extern __shared__ double shared[];
  const int columns = static_cast<int>(blockDim.x), rows = static_cast<int>(blockDim.y);
  const int column = static_cast<int>(threadIdx.x), row = static_cast<int>(threadIdx.y), here = row * columns + column;
  const int64_t packs = v.channels(), channels = packs * P, tile = int64_t{blockIdx.x} * columns, pack = tile + column;
  const int split = static_cast<int>(blockIdx.y), splits = static_cast<int>(gridDim.y);
  const bool inside = pack < packs, writes = inside && row == 0;
  const auto place = [=](int64_t k, int64_t p) { return k * channels + pack * P + p; };

  double total[K][P] = {};
  if (inside) add_share<K, P, T>(v, f, pack, int64_t{split} * rows + row, int64_t{splits} * rows, total);
  add_rows(shared, total, row, column);
  if (splits > 1) {
    if (writes)
      for (int k = 0; k < K; ++k)
        for (int p = 0; p < P; ++p) shares[place(int64_t{split} * K + k, p)] = total[k][p];
    __threadfence();
    __syncthreads();
    double& flag = shared[K * P * (rows / 2) * columns];
    if (here == 0) flag = atomicAdd(&arrived[blockIdx.x], 1u) + 1 == gridDim.y;
    __syncthreads();
    if (flag == 0) return;
    __threadfence();
    const volatile double* const all = shares;  // other blocks wrote them
    for (int k = 0; k < K; ++k)
      for (int p = 0; p < P; ++p) {
        total[k][p] = 0;
        if (inside)
          for (int other = row; other < splits; other += rows) total[k][p] += all[place(int64_t{other} * K + k, p)];
      }
    add_rows(shared, total, row, column);
    if (here == 0) arrived[blockIdx.x] = 0;
  }
  if (writes)
    for (int k = 0; k < K; ++k)
      for (int p = 0; p < P; ++p) sums[place(k, p)] = total[k][p];
  __syncthreads();
  for (int64_t c = tile * P + here; c < channels && c < (tile + columns) * P; c += rows * columns) finish(c);
}

}  // namespace mneme::cuda
