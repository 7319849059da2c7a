#pragma once
// Contact sheet: the images in the exemplar memory.

#include <functional>
#include <string>
#include <vector>

#include "data/batches/image_set.h"
#include "data/images/image_file.h"

namespace mneme {

/// The exemplars of one class, as indices of training images, best rank first.
struct SheetRow {
  std::string class_name;   ///< name of the class
  std::vector<int> images;  ///< indices of training images
};

/// A self-contained SVG: one row per class with its name and its first ten exemplars. If there are more than 200
/// classes, 200 of them, evenly spaced, are shown. `picture` returns the pixels of an image, all of the same size;
/// null: ImageSet::thumbnail(). Throws Error for an index outside the set.
std::string contact_sheet(const std::vector<SheetRow>& all, const ImageSet& set,
                          const std::function<RawImage(int image)>& picture = nullptr);

}  // namespace mneme
