#pragma once
// The demo images: small drawn scenes, so that everything can be tried without a download. A class is a shape, a
// texture and a colour ("striped red star"), and beyond the first 432 classes a number of such shapes and a background;
// images of a class differ in place, size, turn, shade, light, background, clutter, occlusion and noise. Classes share
// shapes, textures and colours, so that learning new ones disturbs old ones.

#include <cstdint>
#include <string>

#include "data/batches/image_set.h"

namespace mneme {

struct GeneratedOptions {
  int classes = 20;
  int train_per_class = 300;
  int test_per_class = 50;
  uint64_t seed = 0;
};

/// The largest number of classes that a generated set can have: so many looks differ.
inline constexpr int most_generated_classes = 32400;

/// 32x32 RGB images, label of image i = i mod classes. Image n of a class depends on (seed, part, class, n) alone: more
/// images or classes leave those already there as they are, and threads change nothing. Throws UsageError for counts
/// that are not positive or too large.
ResidentDataset generate_images(const GeneratedOptions& options);

/// "striped red star"; different for every class.
std::string generated_class_name(int class_number);

}  // namespace mneme
