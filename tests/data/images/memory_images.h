#pragma once
// RawImages that no file holds, for tests of what reads picture sets.

#include <fmt/format.h>

#include "data/images/raw_image_set.h"
#include "engine/base/error.h"
#include "engine/base/random.h"

namespace mneme::test {

class MemoryImages final : public RawImageSet {
 public:
  explicit MemoryImages(std::vector<std::string> class_names, std::vector<int> labels, std::vector<RawImage> pictures)
      : RawImageSet(std::move(class_names), std::move(labels)), pictures_(std::move(pictures)) {}

  RawImage picture(int i) const override {
    const RawImage& p = pictures_[static_cast<size_t>(i)];
    if (p.pixels.empty()) fail("{} is damaged", where(i));
    return p;
  }
  std::string where(int i) const override { return fmt::format("picture {}", i); }
  std::string fingerprint() const override { return fmt::format("{} pictures in memory", size()); }

 private:
  std::vector<RawImage> pictures_;
};

/// Smooth, of three different channels, and different for every `seed`.
inline RawImage smooth_image(int height, int width, uint32_t seed) {
  RawImage p{height, width, {}};
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        p.pixels.push_back(static_cast<uint8_t>((static_cast<int>(seed) * 37 + (c + 1) * 3 * y + (5 - c) * x) % 251));
  return p;
}

}  // namespace mneme::test
