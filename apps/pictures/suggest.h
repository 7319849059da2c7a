#pragma once
// Values for flags that nobody gave, chosen by looking at a user's images.

#include <filesystem>
#include <vector>

#include "apps/common/benchmark.h"
#include "data/images/image_folder.h"

namespace mneme {

/// What is known of a set of images before anything is chosen.
struct PicturesSeen {
  int classes = 0;           ///< how many there are
  int64_t train_images = 0;  ///< images to learn from
  int short_side = 0;        ///< the median over some images of their short sides, in pixels
};

/// Looks at a set; of at most 200 images, evenly spread, the headers are read. Images without a readable header do not
/// count; if none has one, the short side is 0.
PicturesSeen look_at(const ImageFileSplit& images);

/// The flags that suit such a set, with the reasons:
///   --image-size, --network   32 pixels and ResNet-32 below 48 pixels of short side, 64 and ResNet-32 below 128, else
///                             224 and ResNet-18
///   --tasks                   one below 4 classes, two below 10, five below 50, else ten
///   --batch-size              an eighth of a task's images, as a power of two from 8 to 128
///   --epochs                  so that a task is trained in about 2,000 steps: from 10 to 100
std::vector<Suggestion> suggestions_for(const PicturesSeen& seen);

}  // namespace mneme
