#pragma once
// Suggests values for flags that the user did not give, from the user's images.

#include <filesystem>
#include <vector>

#include "apps/common/benchmark.h"
#include "data/images/image_folder.h"

namespace mneme {

/// The facts about a set of images from which values are suggested.
struct PicturesSeen {
  int classes = 0;           ///< the number of classes
  int64_t train_images = 0;  ///< the number of training images
  int short_side = 0;        ///< the median of the short sides of some images, in pixels
};

/// Collects these facts. It reads the headers of at most 200 images, evenly spread. Images without a readable header do
/// not count; if no header can be read, the short side is 0.
PicturesSeen look_at(const ImageFileSplit& images);

/// The flags that suit such a set, with the reasons:
///   --image-size, --network   32 pixels and ResNet-32 below 48 pixels of short side, 64 and ResNet-32 below 128, else
///                             224 and ResNet-18
///   --tasks                   one below 4 classes, two below 10, five below 50, else ten
///   --batch-size              an eighth of a task's images, as a power of two from 8 to 128
///   --epochs                  so that a task is trained in about 2,000 steps: from 10 to 100
std::vector<Suggestion> suggestions_for(const PicturesSeen& seen);

}  // namespace mneme
