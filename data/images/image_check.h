#pragma once
// Whether all pictures of a set can be decoded, before a long run depends on it.

#include <functional>
#include <string>
#include <vector>

#include "data/images/raw_image_set.h"

namespace mneme {

struct BadImage {
  int index = 0;
  std::string why;  ///< names the picture
};

/// Decodes every picture, on threads() threads, and returns those that cannot be, by index. `progress` is told now and
/// then, from one thread at a time, how many have been done.
std::vector<BadImage> bad_images(const RawImageSet& set, const std::function<void(int done)>& progress);

/// The same list without these.
ImageFileList without(const ImageFileList& list, const std::vector<BadImage>& bad);

}  // namespace mneme
