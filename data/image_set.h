#pragma once
// What an image set is. `ImageSetInfo` is common to every set; `ResidentImages` holds all pixels in memory (CIFAR,
// SVHN, the generated set). A set too large for that keeps file names instead of pixels and stands beside it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mneme {

/// Per channel, for pixels scaled to [0, 1]: x' = (x - mean) / std.
struct Normalisation {
  std::vector<float> mean, std;
};

struct ImageSetInfo {
  std::string name;
  int channels = 0, height = 0, width = 0;
  std::vector<std::string> class_names;  // index = label
  Normalisation normalisation;

  int classes() const { return static_cast<int>(class_names.size()); }
  size_t image_bytes() const {
    return static_cast<size_t>(channels) * static_cast<size_t>(height) * static_cast<size_t>(width);
  }
};

/// 8-bit images in memory.
struct ResidentImages {
  ImageSetInfo info;
  std::vector<uint8_t> pixels;  // (N, C, H, W), each channel a plane
  std::vector<int> labels;      // (N), each in [0, classes)

  int size() const { return static_cast<int>(labels.size()); }

  /// (C, H, W) of image i.
  std::span<const uint8_t> image(int i) const {
    return std::span(pixels).subspan(static_cast<size_t>(i) * info.image_bytes(), info.image_bytes());
  }
};

/// The two parts every benchmark set comes in.
struct ResidentDataset {
  ResidentImages train, test;
};

}  // namespace mneme
