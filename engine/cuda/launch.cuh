#pragma once
// What engine/launch.h does on the GPU. Everything goes to the one stream, in order; nothing here waits for the GPU.

#include "engine/base/work_count.h"
#include "engine/cuda/kernels.cuh"
#include "engine/cuda/start_kernel.cuh"

namespace mneme::cuda {

/// The bytes of `n` indices; bytes_unstated if the functor does not tell.
template <class F>
double bytes_of(const F& f, int64_t n) {
  if constexpr (requires { f.bytes_each(); })
    return f.bytes_each() * static_cast<double>(n);
  else
    return bytes_unstated;
}

template <class F>
void for_each(int64_t n, const F& f) {
  if (n == 0) return;
  count_work("each_index", bytes_of(f, n));
  if constexpr (requires { F::pack; })
    if (f.packs()) {
      const Grid grid = grid_for((n + F::pack - 1) / F::pack, gpu().multiprocessors());
      return start_kernel("each_pack", each_pack<F>, grid.blocks, grid.threads, 0, n, f);
    }
  const Grid grid = grid_for(n, gpu().multiprocessors());
  start_kernel("each_index", each_index<F>, grid.blocks, grid.threads, 0, n, f);
}

template <class F>
void for_each_row(int64_t n, int64_t k, const F& f) {
  if (n == 0) return;
  count_work("each_row", bytes_of(f, n));
  const Grid grid = grid_for(n * 32, gpu().multiprocessors());
  start_kernel("each_row", each_row<F>, grid.blocks, grid.threads, 0, n, k, f);
}

template <class F>
void for_each_pixel(const ImageView& v, const F& f) {
  const int64_t n = v.images * v.channels() * v.pixels;
  if (n == 0) return;
  count_work("each_pixel", bytes_of(f, n));
  if constexpr (requires { F::pack; })
    if (v.groups == 1 && v.lanes % F::pack == 0 && f.packs()) {
      const Grid grid = grid_for(n / F::pack, gpu().multiprocessors());
      return start_kernel("each_pixel_pack", each_pixel_pack<F>, grid.blocks, grid.threads, 0,
                          static_cast<unsigned>(v.lanes / F::pack), n / F::pack, f);
    }
  const Grid grid = grid_for(n, gpu().multiprocessors());
  start_kernel("each_pixel", each_pixel<F>, grid.blocks, grid.threads, 0, v, n, f);
}

/// channel_sums() over `v`, a channel of which is a pack of P channels of the image.
template <int K, int P, class T, class F, class Finish>
void channel_sums_by(const ImageView& v, const F& f, double* sums, const Finish& finish) {
  const SumGrid grid = sum_grid(v);
  const dim3 blocks(static_cast<unsigned>(grid.tiles), static_cast<unsigned>(grid.splits));
  const dim3 threads(static_cast<unsigned>(grid.columns), static_cast<unsigned>(grid.rows));
  const size_t shares = grid.splits > 1 ? static_cast<size_t>(grid.splits * K * P * v.channels()) : 0;
  const Buffer partial(Device::cuda, sizeof(double) * shares);
  start_kernel("channel_sums", channel_sums_of<K, P, T, F, Finish>, blocks, threads, shared_bytes_for_sums(K, P, grid), v,
               f, reinterpret_cast<double*>(partial.data()), sums, gpu().arrivals(), finish);
}

template <int K, class T, class F, class Finish>
void channel_sums(const ImageView& v, const F& f, double* sums, const Finish& finish) {
  if (v.channels() == 0) return;
  const double terms = bytes_of(f, v.images * v.channels() * v.pixels), ends = bytes_of(finish, v.channels());
  count_work("channel_sums", terms < 0 || ends < 0 ? bytes_unstated : terms + ends);
  if constexpr (requires { F::pack; })
    if (v.lanes % F::pack == 0 && f.packs())
      return channel_sums_by<K, F::pack, T>({v.images, v.groups, v.pixels, v.lanes / F::pack}, f, sums, finish);
  channel_sums_by<K, 1, T>(v, f, sums, finish);
}

}  // namespace mneme::cuda
