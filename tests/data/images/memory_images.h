#pragma once
// RawImages that are in memory only, for tests of code that reads sets of images.

#include <fmt/format.h>

#include "data/images/raw_image_set.h"
#include "engine/base/error.h"
#include "engine/base/random.h"
#include "incremental/report/charts/png.h"

namespace mneme::test {

class MemoryImages final : public RawImageSet {
 public:
  explicit MemoryImages(std::vector<std::string> class_names, std::vector<int> labels, std::vector<RawImage> images)
      : RawImageSet(std::move(class_names), std::move(labels)), images_(std::move(images)) {}

  RawImage image(int i) const override {
    const RawImage& p = images_[static_cast<size_t>(i)];
    if (p.pixels.empty()) fail("{} is damaged", where(i));
    return p;
  }
  std::string where(int i) const override { return fmt::format("image {}", i); }
  std::string fingerprint() const override { return fmt::format("{} images in memory", size()); }

 private:
  std::vector<RawImage> images_;
};

/// A smooth image with three different channels. Each `seed` gives another image.
inline RawImage smooth_image(int height, int width, uint32_t seed) {
  RawImage p{height, width, {}};
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        p.pixels.push_back(static_cast<uint8_t>((static_cast<int>(seed) * 37 + (c + 1) * 3 * y + (5 - c) * x) % 251));
  return p;
}

/// The bytes of a PNG file with this image.
inline std::string png_of(const RawImage& p) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < p.pixels.size() / 3; ++i)
    for (size_t c = 0; c < 3; ++c) bytes.push_back(p.pixels[c * p.pixels.size() / 3 + i]);
  return png_image(p.width, p.height, bytes);
}

}  // namespace mneme::test
