#pragma once
// Checks that all images of a set can be decoded, before a long run depends on it.

#include <functional>
#include <string>
#include <vector>

#include "data/files/diagnostics.h"
#include "data/images/raw_image_set.h"

namespace mneme {

struct BadImage {
  int index = 0;
  std::string why;  ///< names the image
};

struct ImageCheck {
  std::vector<BadImage> bad;  ///< images that cannot be decoded, by index
  Diagnostics remarks;        ///< images that could be, but are damaged inside or lack the mark of their end
};

/// Decodes every image, on threads() threads. `progress` is told now and then, from one thread at a time, how many have
/// been done. Throws nothing for bad images.
ImageCheck check_images(const RawImageSet& set, const std::function<void(int done)>& progress);

/// A copy of the list without the images `bad`, which must be sorted by index.
ImageFileList without(const ImageFileList& list, const std::vector<BadImage>& bad);

}  // namespace mneme
