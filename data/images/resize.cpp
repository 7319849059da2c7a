#include "data/images/resize.h"

#include <algorithm>
#include <cmath>

#include "data/images/taps.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

/// The taps of every output pixel along one axis, as many for each: those beyond a pixel's own weigh nothing.
class Weights {
 public:
  Weights(int from, int to) {
    for (int at = 0; at < to; ++at) most_ = std::max(most_, Taps(at, from, to).count);
    most_ = std::min(most_, from);
    weights_.resize(static_cast<size_t>(to) * static_cast<size_t>(most_));
    for (int at = 0; at < to; ++at) {
      const Taps taps(at, from, to);
      const int first = std::min(taps.first, from - most_);
      first_.push_back(first);
      for (int tap = 0; tap < taps.count; ++tap) row(at)[taps.first - first + tap] = taps.weight(tap);
    }
  }

  int count() const { return most_; }
  int first(int at) const { return first_[static_cast<size_t>(at)]; }
  const int32_t* of(int at) const { return weights_.data() + static_cast<ptrdiff_t>(at) * most_; }

 private:
  int32_t* row(int at) { return weights_.data() + static_cast<ptrdiff_t>(at) * most_; }

  int most_ = 1;
  std::vector<int> first_;
  std::vector<int32_t> weights_;
};

/// One row of pixels becomes one of as many as there are weights.
void resize_row(const uint8_t* from, const Weights& weights, uint8_t* to, int width) {
  for (int x = 0; x < width; ++x) {
    const int32_t* weight = weights.of(x);
    const uint8_t* pixel = from + weights.first(x);
    int32_t sum = 0;
    for (int tap = 0; tap < weights.count(); ++tap) sum += weight[tap] * pixel[tap];
    to[x] = static_cast<uint8_t>(Taps::rounded(sum));
  }
}

/// `height` rows of `width` pixels become as many as there are weights.
void resize_columns(const uint8_t* from, const Weights& weights, uint8_t* to, int height, int width) {
  std::vector<int32_t> sums(static_cast<size_t>(width));
  for (int y = 0; y < height; ++y) {
    std::ranges::fill(sums, 0);
    for (int tap = 0; tap < weights.count(); ++tap) {
      const int32_t weight = weights.of(y)[tap];
      const uint8_t* row = from + static_cast<ptrdiff_t>(weights.first(y) + tap) * width;
      for (int x = 0; x < width; ++x) sums[static_cast<size_t>(x)] += weight * row[x];
    }
    for (int x = 0; x < width; ++x)
      to[static_cast<ptrdiff_t>(y) * width + x] = static_cast<uint8_t>(Taps::rounded(sums[static_cast<size_t>(x)]));
  }
}

bool lies_in(const Box& box, const RawImage& picture) {
  return box.top >= 0 && box.left >= 0 && box.height > 0 && box.width > 0 && box.height <= picture.height - box.top &&
         box.width <= picture.width - box.left;
}

}  // namespace

Box whole(const RawImage& picture) { return {0, 0, picture.height, picture.width}; }

RawImage resized(const RawImage& picture, const Box& box, int height, int width) {
  MNEME_CHECK(lies_in(box, picture), "a box of {} x {} pixels at ({}, {}) does not lie in a picture of {} x {}",
              box.height, box.width, box.top, box.left, picture.height, picture.width);
  MNEME_CHECK(height > 0 && width > 0, "a picture cannot be resized to {} x {}", height, width);
  const Weights across(box.width, width), down(box.height, height);
  const auto plane = static_cast<ptrdiff_t>(picture.height) * picture.width, out = ptrdiff_t{height} * width;
  RawImage result{height, width, std::vector<uint8_t>(3 * static_cast<size_t>(out))};
  std::vector<uint8_t> narrow(static_cast<size_t>(box.height) * static_cast<size_t>(width));
  for (ptrdiff_t c = 0; c < 3; ++c) {
    const uint8_t* from = picture.pixels.data() + c * plane + ptrdiff_t{box.top} * picture.width + box.left;
    for (ptrdiff_t y = 0; y < box.height; ++y)
      resize_row(from + y * picture.width, across, narrow.data() + y * width, width);
    resize_columns(narrow.data(), down, result.pixels.data() + c * out, height, width);
  }
  return result;
}

Extent with_short_side(const Extent& from, int side) {
  const auto scaled = [&](int longer, int shorter) { return static_cast<int>(int64_t{side} * longer / shorter); };
  if (from.height <= from.width) return {side, scaled(from.width, from.height)};
  return {scaled(from.height, from.width), side};
}

Box centre_box(const Extent& from, const Extent& crop) {
  const Extent size{std::min(from.height, crop.height), std::min(from.width, crop.width)};
  const auto begin = [](int all, int part) { return static_cast<int>(std::rint((all - part) / 2.0)); };
  return {begin(from.height, size.height), begin(from.width, size.width), size.height, size.width};
}

}  // namespace mneme
