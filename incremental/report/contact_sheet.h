#pragma once
// The exemplars as pictures: what a memory holds, seen at a glance.

#include <functional>
#include <string>
#include <vector>

#include "data/batches/image_set.h"
#include "data/images/image_file.h"

namespace mneme {

/// One class's exemplars, best rank first, as indices of training images.
struct SheetRow {
  std::string class_name;
  std::vector<int> images;
};

/// An SVG picture that needs no other file: a row per class, its name, then its first ten exemplars by rank;
/// of more than 200 classes, 200 evenly chosen ones. Throws
/// Error for an index outside the set. `picture` shows an image, all in one size; null: as the set does.
std::string contact_sheet(const std::vector<SheetRow>& all, const ImageSet& set,
                          const std::function<RawImage(int image)>& picture = nullptr);

}  // namespace mneme
