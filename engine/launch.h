#pragma once
// Note [One source, every device]
// Everything that is not a convolution or a matrix product is a functor over an index, written once. Source files with
// such functors are compiled as C++ and, in a CUDA build, by nvcc. The launchers below run a functor as a loop or as a
// kernel. So what the tests prove about a functor's arithmetic on the CPU holds on the GPU too. CMakeLists.txt names
// these source files in mneme_device_sources(), which defines MNEME_DEVICE_CODE for them.
//
//   for_each(device, n, f)            calls f(i) for i in [0, n)
//   for_each_pixel(device, view, f)   calls f(index, channel) for every element of an image tensor, in its layout
//   channel_sums<K>(device, view, f, sums, finish)
//                                     forms K sums for each channel, over images and pixels, of what
//                                     f(index, channel, terms) writes into terms; then calls finish(channel), which
//                                     saves a GPU one more kernel
//
// A functor says with `double bytes_each() const` how many bytes of its operands belong to one index: their sizes, once
// for being read and once for being written, without what all indices share. Kernels are counted by it
// (engine/base/work_count.h).

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/on_device.h"
#include "engine/base/parallel.h"
#include "engine/cpu/captured_calls.h"
#include "engine/image_view.h"
#include "engine/ops/dtype_dispatch.h"
#include "engine/tensor.h"

#ifdef MNEME_DEVICE_CODE
#include "engine/cuda/launch.cuh"
#elif defined(MNEME_CUDA_BUILD)
#error \
    "This file starts kernels, so a CUDA build must compile it as device code: name it in mneme_device_sources() in CMake"
#endif

namespace mneme {
namespace detail {

// The smallest piece of work that is worth a thread, in elements.
constexpr int64_t grain = 1 << 14;

template <class F>
void cpu_for_each(Device device, int64_t n, const F& f) {
  if (device == Device::reference)
    return on_reference([n, f] {
      for (int64_t i = 0; i < n; ++i) f(i);
    });
  parallel_chunks(n, grain, [&f](int64_t begin, int64_t end) {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; ++i) f(i);
  });
}

// A plane is the pixels of one channel group of one image. Lanes is the constant 16 for the blocked layout, so that the
// compiler turns the inner loop of a plane into one vector.
template <int64_t Lanes, class F>
void cpu_plane(const ImageView& v, int64_t plane, const F& f) {
  const int64_t lanes = Lanes ? Lanes : v.lanes, first = plane % v.groups * lanes, base = plane * v.pixels * lanes;
  for (int64_t p = 0; p < v.pixels; ++p)
#pragma GCC ivdep
    for (int64_t l = 0; l < lanes; ++l) f(base + p * lanes + l, first + l);
}

template <int K, class T, int64_t Lanes, class F>
void cpu_plane_sums(const ImageView& v, int64_t plane, const F& f, double* sums) {
  const int64_t lanes = Lanes ? Lanes : v.lanes, first = plane % v.groups * lanes, base = plane * v.pixels * lanes;
  constexpr int64_t width = Lanes ? Lanes : 1;
  for (int64_t l0 = 0; l0 < lanes; l0 += width) {
    T partial[K][width] = {};  // added in T within one plane, and in double over planes
    for (int64_t p = 0; p < v.pixels; ++p)
#pragma GCC ivdep
      for (int64_t l = 0; l < width; ++l) {
        T term[K];
        f(base + p * lanes + l0 + l, first + l0 + l, term);
        for (int k = 0; k < K; ++k) partial[k][l] += term[k];
      }
    for (int k = 0; k < K; ++k)
      for (int64_t l = 0; l < width; ++l) sums[k * v.channels() + first + l0 + l] += static_cast<double>(partial[k][l]);
  }
}

template <class F>
void cpu_for_each_pixel(const ImageView& v, const F& f) {
  parallel_chunks(v.images * v.groups, std::max<int64_t>(1, grain / (v.pixels * v.lanes)),
                  [&](int64_t begin, int64_t end) {
                    for (int64_t plane = begin; plane < end; ++plane)
                      v.lanes == block_lanes ? cpu_plane<block_lanes>(v, plane, f) : cpu_plane<0>(v, plane, f);
                  });
}

template <int K, class T, class F, class Finish>
void cpu_channel_sums(const ImageView& v, const F& f, double* sums, const Finish& finish) {
  const int64_t per_chunk = std::max<int64_t>(1, v.images / 16), chunks = (v.images + per_chunk - 1) / per_chunk;
  const int64_t width = K * v.channels();
  std::vector<double> partial(static_cast<size_t>(chunks * width), 0.0);
  parallel_chunks(v.images, per_chunk, [&](int64_t begin, int64_t end) {
    double* mine = partial.data() + begin / per_chunk * width;
    for (int64_t plane = begin * v.groups; plane < end * v.groups; ++plane)
      v.lanes == block_lanes ? cpu_plane_sums<K, T, block_lanes>(v, plane, f, mine)
                             : cpu_plane_sums<K, T, 0>(v, plane, f, mine);
  });
  std::fill(sums, sums + width, 0.0);
  for (int64_t c = 0; c < chunks; ++c)
    for (int64_t i = 0; i < width; ++i) sums[i] += partial[static_cast<size_t>(c * width + i)];
  for (int64_t c = 0; c < v.channels(); ++c) finish(c);
}

[[noreturn]] inline void not_compiled_for(Device device) {
  fail("an operation was asked to run on {}, but this build has no {} kernels for it; configure with -DMNEME_CUDA=ON",
       name_of(device), name_of(device));
}

}  // namespace detail

/// Calls f(i) for every i in [0, n), in any order. Throws Error if this build has no kernels for the device.
template <class F>
void for_each(Device device, int64_t n, const F& f) {
  if (device != Device::cuda) return detail::cpu_for_each(device, n, f);
#ifdef MNEME_DEVICE_CODE
  cuda::for_each(n, f);
#else
  detail::not_compiled_for(device);
#endif
}

/// Calls f(index, channel) for every element of an image tensor, in any order. Throws Error as for_each() does.
template <class F>
void for_each_pixel(Device device, const ImageView& v, const F& f) {
  if (device == Device::reference) return on_reference([v, f] { detail::cpu_for_each_pixel(v, f); });
  if (device == Device::cpu) return detail::cpu_for_each_pixel(v, f);
#ifdef MNEME_DEVICE_CODE
  cuda::for_each_pixel(v, f);
#else
  detail::not_compiled_for(device);
#endif
}

/// Does nothing: for channel_sums() without a last step.
struct NothingMore {
  /// Touches nothing.
  double bytes_each() const { return 0; }
  /// Called with a channel.
  ON_DEVICE void operator()(int64_t) const {}
};

/// Forms K sums for each channel. `sums` is (K, C) doubles on the device; f(index, channel, T terms[K]) gives the terms
/// of one element. finish(channel) runs once, when the sums of that channel are complete. Throws Error as for_each()
/// does.
template <int K, class T, class F, class Finish = NothingMore>
void channel_sums(Device device, const ImageView& v, const F& f, double* sums, const Finish& finish = {}) {
  if (device == Device::reference) return on_reference([=] { detail::cpu_channel_sums<K, T>(v, f, sums, finish); });
  if (device == Device::cpu) return detail::cpu_channel_sums<K, T>(v, f, sums, finish);
#ifdef MNEME_DEVICE_CODE
  cuda::channel_sums<K, T>(v, f, sums, finish);
#else
  detail::not_compiled_for(device);
#endif
}

}  // namespace mneme
