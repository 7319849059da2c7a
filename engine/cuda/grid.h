#pragma once
// Note [Walking without dividing]
// A thread of a kernel visits every stride-th element. The channel of an element follows from its index by divisions,
// which are slow on a GPU. So a thread divides only at its first element. From there on it adds the digits of the
// stride in the mixed radix (group, pixel, lane), with carries as in addition by hand. All of this is plain arithmetic
// and is tested without a GPU.

#include <algorithm>
#include <bit>
#include <cstdint>

#include "engine/image_view.h"

namespace mneme::cuda {

/// The size of a kernel launch.
struct Grid {
  int blocks,   ///< number of blocks
      threads;  ///< threads in each block
};

/// The launch for n > 0 independent indices. It has as many threads as the GPU can hold at once, and each takes further
/// indices in strides. A small number of indices is spread over many blocks, because each of them usually means much
/// work (a row, a channel).
inline Grid grid_for(int64_t n, int multiprocessors) {
  constexpr int64_t most_threads = 256, blocks_at_once = 8, warp = 32;
  const int64_t share = (n + multiprocessors - 1) / multiprocessors;
  const int64_t threads = std::clamp((share + warp - 1) / warp * warp, warp, most_threads);
  const int64_t blocks = std::min((n + threads - 1) / threads, blocks_at_once * multiprocessors);
  return {static_cast<int>(blocks), static_cast<int>(threads)};
}

/// Visits the elements start, start + stride, ... of an image tensor's memory, each with its channel.
class PixelWalk {
 public:
  /// Begins at element `start`.
  ON_DEVICE PixelWalk(const ImageView& v, int64_t start, int64_t stride)
      : index_(start), stride_(stride), at_(digits(v, start)), step_(digits(v, stride)) {}
  /// The index of the current element.
  ON_DEVICE int64_t index() const { return index_; }
  /// The channel of the current element.
  ON_DEVICE int64_t channel(const ImageView& v) const { return at_.group * v.lanes + at_.lane; }
  /// Goes to the next element.
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

/// How sums over channels are cut. A block sums `columns` channels with `rows` threads each, and the values of each
/// channel are split over several blocks. The cut depends on the sizes of the tensor alone, so that every GPU adds in
/// the same order.
struct SumGrid {
  int columns,  ///< channels of a block
      rows,     ///< threads for each channel of a block
      tiles,    ///< blocks side by side, for all channels
      splits;   ///< blocks that share a channel
};

/// The most tiles of a sum that is split.
constexpr int most_arrivals = 512;

/// The threads of a block that sums.
constexpr int sum_threads = 256;

/// The cut for a tensor of these sizes.
inline SumGrid sum_grid(const ImageView& v) {
  constexpr int64_t threads = sum_threads, blocks_wanted = most_arrivals, least_terms = 8;
  const int64_t columns = std::min<int64_t>(32, static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(v.lanes))));
  const int64_t rows = threads / columns, tiles = (v.channels() + columns - 1) / columns;
  const int64_t useful = v.images * v.pixels / (rows * least_terms), target = blocks_wanted / tiles;
  return {static_cast<int>(columns), static_cast<int>(rows), static_cast<int>(tiles),
          static_cast<int>(std::max<int64_t>(1, std::min(useful, target)))};
}

/// The terms of the P channels that follow one another in memory from `index` on; P is 1, or the functor's pack, which
/// counts as one channel of the view (Note [Packs]).
template <int K, int P, class T, class F>
ON_DEVICE void terms_of(const F& f, int64_t index, int64_t channel, T (&term)[K][P]) {
  if constexpr (P > 1) {
    f.several(index * P, channel * P, term);
  } else {
    T one[K];
    f(index, channel, one);
    for (int k = 0; k < K; ++k) term[k][0] = one[k];
  }
}

/// Adds up the terms of one of the `threads` threads of a channel: in T, and every 32 of them into a double.
template <int K, int P, class T, class F>
ON_DEVICE void add_share(const ImageView& v, const F& f, int64_t channel, int64_t thread, int64_t threads,
                         double (&total)[K][P]) {
  // Where an image is one group of channels, the pixels of all images follow one another, and nothing is divided.
  const int64_t rows = v.images * v.pixels, image_stride = v.groups * v.pixels;
  int64_t base = channel, pixels = rows, image_step = 0, pixel_step = threads, image = 0, pixel = thread;
  if (v.groups > 1) {
    base = channel / v.lanes * v.pixels * v.lanes + channel % v.lanes;
    pixels = v.pixels;
    image_step = threads / pixels, pixel_step = threads % pixels;
    image = thread / pixels, pixel = thread % pixels;
  }
  for (int64_t row = thread; row < rows;) {
    T partial[K][P] = {};
    for (int terms = 0; terms < 32 && row < rows; ++terms, row += threads) {
      T term[K][P];
      terms_of<K, P, T>(f, base + (image * image_stride + pixel) * v.lanes, channel, term);
      for (int k = 0; k < K; ++k)
        for (int p = 0; p < P; ++p) partial[k][p] += term[k][p];
      image += image_step, pixel += pixel_step;
      if (pixel >= pixels) pixel -= pixels, ++image;
    }
    for (int k = 0; k < K; ++k)
      for (int p = 0; p < P; ++p) total[k][p] += static_cast<double>(partial[k][p]);
  }
}

}  // namespace mneme::cuda
