#pragma once
// What engine/launch.h does on the GPU. Everything goes to the one stream, in order; nothing here waits for the GPU.

#include "engine/cuda/kernels.cuh"
#include "engine/cuda/start_kernel.cuh"

namespace mneme::cuda {

template <class F>
void for_each(int64_t n, const F& f) {
  if (n == 0) return;
  const Grid grid = grid_for(n, gpu().multiprocessors());
  start_kernel("each_index", each_index<F>, grid.blocks, grid.threads, 0, n, f);
}

template <class F>
void for_each_pixel(const ImageView& v, const F& f) {
  const int64_t n = v.images * v.channels() * v.pixels;
  if (n == 0) return;
  const Grid grid = grid_for(n, gpu().multiprocessors());
  start_kernel("each_pixel", each_pixel<F>, grid.blocks, grid.threads, 0, v, n, f);
}

template <int K, class T, class F, class Finish>
void channel_sums(const ImageView& v, const F& f, double* sums, const Finish& finish) {
  if (v.channels() == 0) return;
  const SumGrid grid = sum_grid(v);
  const dim3 blocks(static_cast<unsigned>(grid.tiles), static_cast<unsigned>(grid.splits));
  const dim3 threads(static_cast<unsigned>(grid.columns), static_cast<unsigned>(grid.rows));
  const size_t shares = grid.splits > 1 ? static_cast<size_t>(grid.splits * K * v.channels()) : 0;
  const Buffer partial(Device::cuda, sizeof(double) * shares);
  start_kernel("channel_sums", channel_sums_of<K, T, F, Finish>, blocks, threads, shared_bytes_for_sums(K, grid), v, f,
               reinterpret_cast<double*>(partial.data()), sums, gpu().arrivals(), finish);
}

}  // namespace mneme::cuda
