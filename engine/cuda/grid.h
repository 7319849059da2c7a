#pragma once
// Note [Walking without dividing]
// A kernel's thread visits every stride-th element. Which channel an element belongs to follows from its index by
// divisions, which a GPU does slowly; so a thread divides once, at its first element, and from there on adds the
// stride's digits in the mixed radix (group, pixel, lane), carrying as one does by hand. All of this is plain
// arithmetic, tested where there is no GPU.

#include <algorithm>
#include <bit>
#include <cstdint>

#include "engine/image_view.h"

namespace mneme::cuda {

struct Grid {
  int blocks, threads;
};

/// Threads for n > 0 independent indices: as many as the GPU holds at once, each taking further indices in strides. Few
/// indices are spread thinly, because each of them is then usually much work (a row, a channel).
inline Grid grid_for(int64_t n, int multiprocessors) {
  constexpr int64_t most_threads = 256, blocks_at_once = 8, warp = 32;
  const int64_t share = (n + multiprocessors - 1) / multiprocessors;
  const int64_t threads = std::clamp((share + warp - 1) / warp * warp, warp, most_threads);
  const int64_t blocks = std::min((n + threads - 1) / threads, blocks_at_once * multiprocessors);
  return {static_cast<int>(blocks), static_cast<int>(threads)};
}

/// The elements start, start + stride, ... of an image tensor's memory, each with its channel.
class PixelWalk {
 public:
  ON_DEVICE PixelWalk(const ImageView& v, int64_t start, int64_t stride)
      : index_(start), stride_(stride), at_(digits(v, start)), step_(digits(v, stride)) {}
  ON_DEVICE int64_t index() const { return index_; }
  ON_DEVICE int64_t channel(const ImageView& v) const { return at_.group * v.lanes + at_.lane; }
  ON_DEVICE void next(const ImageView& v) {
    index_ += stride_;
    at_.lane += step_.lane, at_.pixel += step_.pixel, at_.group += step_.group;
    if (at_.lane >= v.lanes) at_.lane -= static_cast<int32_t>(v.lanes), ++at_.pixel;
    if (at_.pixel >= v.pixels) at_.pixel -= static_cast<int32_t>(v.pixels), ++at_.group;
    if (at_.group >= v.groups) at_.group -= static_cast<int32_t>(v.groups);
  }

 private:
  struct Digits {
    int32_t group, pixel, lane;
  };
  ON_DEVICE static Digits digits(const ImageView& v, int64_t i) {
    const int64_t rest = i / v.lanes;
    return {static_cast<int32_t>(rest / v.pixels % v.groups), static_cast<int32_t>(rest % v.pixels),
            static_cast<int32_t>(i % v.lanes)};
  }
  int64_t index_, stride_;
  Digits at_, step_;
};

/// How per-channel sums are cut: a block adds up `columns` channels with `rows` threads each, and each channel's values
/// are split over so many blocks. It depends on the tensor's sizes alone, so that every GPU adds in the same order.
struct SumGrid {
  int columns, rows, tiles, splits;
};

/// A sum that is split has no more tiles than this.
constexpr int most_arrivals = 512;

inline SumGrid sum_grid(const ImageView& v) {
  constexpr int64_t threads = 256, blocks_wanted = most_arrivals, least_terms = 8;
  const int64_t columns = std::min<int64_t>(32, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(v.lanes))));
  const int64_t rows = threads / columns, tiles = (v.channels() + columns - 1) / columns;
  const int64_t useful = v.images * v.pixels / (rows * least_terms), wanted = blocks_wanted / tiles;
  return {static_cast<int>(columns), static_cast<int>(rows), static_cast<int>(tiles),
          static_cast<int>(std::max<int64_t>(1, std::min(useful, wanted)))};
}

/// What one of a channel's `threads` threads adds up: terms in T, every 32 of them into a double.
template <int K, class T, class F>
ON_DEVICE void add_share(const ImageView& v, const F& f, int64_t channel, int64_t thread, int64_t threads,
                         double (&total)[K]) {
  const int64_t base = channel / v.lanes * v.pixels * v.lanes + channel % v.lanes, image_stride = v.groups * v.pixels;
  const int64_t rows = v.images * v.pixels, image_step = threads / v.pixels, pixel_step = threads % v.pixels;
  int64_t image = thread / v.pixels, pixel = thread % v.pixels;
  for (int64_t row = thread; row < rows;) {
    T partial[K] = {};
    for (int terms = 0; terms < 32 && row < rows; ++terms, row += threads) {
      T term[K];
      f(base + (image * image_stride + pixel) * v.lanes, channel, term);
      for (int k = 0; k < K; ++k) partial[k] += term[k];
      image += image_step, pixel += pixel_step;
      if (pixel >= v.pixels) pixel -= v.pixels, ++image;
    }
    for (int k = 0; k < K; ++k) total[k] += static_cast<double>(partial[k]);
  }
}

}  // namespace mneme::cuda
