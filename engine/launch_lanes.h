#pragma once
// One more launcher for engine/launch.h's functors: for those that look at several pixels to make one.
//
//   for_each_lanes(device, view, f)   f.lanes<L>(plane, pixel, lane) for all elements of an image tensor, L at a time
//
// A plane is one image's one channel group, so element (plane, p, lane) lies at (plane * pixels + p) * lanes + lane.
// What a functor works out about a pixel's neighbours it works out once for L channels, and its loops over them are
// vectors: L is 16 in the CPU's blocked layout, 1 everywhere else.

#include "engine/launch.h"

/// Before a functor's loop over lanes, for the CPU: not to be unrolled, for then it would become no vectors.
#ifdef __CUDACC__
#define AS_VECTORS
#else
#define AS_VECTORS _Pragma("GCC unroll 1")
#endif

namespace mneme {
namespace detail {

template <class F>
struct OneLane {
  F f;
  ImageView view;
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t place = i / view.lanes;
    f.template lanes<1>(place / view.pixels, place % view.pixels, i % view.lanes);
  }
};

}  // namespace detail

template <class F>
void for_each_lanes(Device device, const ImageView& v, const F& f) {
  if (device == Device::cuda || v.lanes != block_lanes)
    return for_each(device, v.images * v.channels() * v.pixels, detail::OneLane<F>{f, v});
  parallel_chunks(v.images * v.groups, std::max<int64_t>(1, detail::grain / (v.pixels * v.lanes)),
                  [&](int64_t begin, int64_t end) {
                    for (int64_t plane = begin; plane < end; ++plane)
                      for (int64_t p = 0; p < v.pixels; ++p) f.template lanes<block_lanes>(plane, p, 0);
                  });
}

}  // namespace mneme
