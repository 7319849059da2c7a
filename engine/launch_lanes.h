#pragma once
// One more launcher for the functors of engine/launch.h: for those that read several pixels to make one.
//
//   for_each_lanes(device, view, f)   calls f.lanes<L>(plane, pixel, lane) for all elements of an image, L at a time
//
// A plane is one channel group of one image, so element (plane, p, lane) lies at (plane * pixels + p) * lanes + lane.
// The functor finds the neighbours of a pixel once for L channels, and its loops over channels become vectors: L is 16
// in the CPU's blocked layout and 1 everywhere else.

#include "engine/launch.h"

#ifdef __CUDACC__
/// Stands before a functor's loop over lanes on the CPU. It forbids unrolling, because an unrolled loop does not become
/// vectors.
#define AS_VECTORS
#else
#define AS_VECTORS _Pragma("GCC unroll 1")
#endif

namespace mneme {
namespace detail {

/// Runs a functor for one lane at a time.
template <class F>
struct OneLane {
  F f;             ///< the functor
  ImageView view;  ///< sizes of the tensor
  /// The bytes that belong to one index, as the functor states them.
  double bytes_each() const { return f.bytes_each(); }
  /// Runs it for element i.
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t place = i / view.lanes;
    f.template lanes<1>(place / view.pixels, place % view.pixels, i % view.lanes);
  }
};

}  // namespace detail

/// Calls f.lanes<L>(plane, pixel, lane) for every L elements of an image tensor, in any order. Throws Error as
/// for_each() does.
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
