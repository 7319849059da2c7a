#pragma once
// Whether all pictures of a set can be decoded, before a long run depends on it.

#include <functional>
#include <string>
#include <vector>

#include "data/pictures/picture_set.h"

namespace mneme {

struct BadPicture {
  int index = 0;
  std::string why;  ///< names the picture
};

/// Decodes every picture, on threads() threads, and returns those that cannot be, by index. `progress` is told now and
/// then, from one thread at a time, how many have been done.
std::vector<BadPicture> bad_pictures(const PictureSet& set, const std::function<void(int done)>& progress);

/// The same list without these.
PictureList without(const PictureList& list, const std::vector<BadPicture>& bad);

}  // namespace mneme
