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

bool lies_in(const Box& box, const RawImage& image) {
  return box.top >= 0 && box.left >= 0 && box.height > 0 && box.width > 0 && box.height <= image.height - box.top &&
         box.width <= image.width - box.left;
}

}  // namespace

Box whole(const RawImage& image) { return {0, 0, image.height, image.width}; }

RawImage resized(const RawImage& image, const Box& box, int height, int width) {
  MNEME_CHECK(lies_in(box, image), "a box of {} x {} pixels at ({}, {}) does not lie in an image of {} x {}",
              box.height, box.width, box.top, box.left, image.height, image.width);
  MNEME_CHECK(height > 0 && width > 0, "an image cannot be resized to {} x {}", height, width);
  const Weights across(box.width, width), down(box.height, height);
  const auto plane = static_cast<ptrdiff_t>(image.height) * image.width, out = ptrdiff_t{height} * width;
  RawImage result{height, width, std::vector<uint8_t>(3 * static_cast<size_t>(out))};
  std::vector<uint8_t> narrow(static_cast<size_t>(box.height) * static_cast<size_t>(width));
  for (ptrdiff_t c = 0; c < 3; ++c) {
    const uint8_t* from = image.pixels.data() + c * plane + ptrdiff_t{box.top} * image.width + box.left;
    for (ptrdiff_t y = 0; y < box.height; ++y)
      resize_row(from + y * image.width, across, narrow.data() + y * width, width);
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

RawImage cropped(const RawImage& image, const Box& box) {
  RawImage part{box.height, box.width, {}, image.remark};
  part.pixels.reserve(3 * static_cast<size_t>(box.height) * static_cast<size_t>(box.width));
  for (ptrdiff_t c = 0; c < 3; ++c)
    for (ptrdiff_t y = 0; y < box.height; ++y) {
      const auto row = image.pixels.begin() + (c * image.height + box.top + y) * image.width + box.left;
      part.pixels.insert(part.pixels.end(), row, row + box.width);
    }
  return part;
}

RawImage resized_to_short_side(const RawImage& image, int side) {
  constexpr int64_t longest = 65536;
  const auto [shorter, longer] = std::minmax(image.height, image.width);
  MNEME_CHECK(int64_t{side} * longer / shorter <= longest,
              "{} x {} pixels are too long and thin: with a short side of {} its long side has more than {}",
              image.width, image.height, side, longest);
  const Extent size = with_short_side({image.height, image.width}, side);
  return resized(image, whole(image), size.height, size.width);
}

RawImage resized_centre(const RawImage& image, int short_side, const Extent& crop) {
  const RawImage small = resized_to_short_side(image, short_side);
  return cropped(small, centre_box({small.height, small.width}, crop));
}

}  // namespace mneme
