#pragma once
// A user's own images in folders of classes. The user has split them into training and test images, or they are split
// here.

#include <cstdint>
#include <filesystem>

#include "data/images/image_folder.h"

namespace mneme {

/// How the images of a user are found and split.
struct PicturesOptions {
  /// The share of each class that is used for testing if the folder is not split: at least one image, and never all.
  double test_share = 0.2;
  uint64_t split_seed = 1;  ///< the seed that chooses the test images
  int64_t skip_bad = 0;     ///< how many bad files may be left out before it is an error
};

/// Finds the images in `folder`, which holds one of
///
///   train/CLASS/, val/CLASS/       or test/ instead of val/
///   train.txt, val.txt (test.txt)  lists (data/images/list_file.h)
///   CLASS/                         one folder per class: of each class, NumPy's permutation by the seed draws the test
///                                  images; a remark in `left_out` says so
///
/// Classes are learned in order of their names. Nothing is decoded. Throws one Error for all that is wrong (see
/// list_image_folders), for a class that only one part has, for a class of one image that would have to be split, and
/// for another layout: what was found, and what is wanted.
ImageFileSplit find_pictures(const std::filesystem::path& folder, const PicturesOptions& options = {});

}  // namespace mneme
