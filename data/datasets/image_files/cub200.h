#pragma once
// CUB-200-2011: Wah, Branson, Welinder, Perona and Belongie, "The Caltech-UCSD Birds-200-2011 Dataset", 2011. 200 kinds
// of birds, 11,788 images of any size.

#include <cstdint>
#include <filesystem>

#include "data/images/image_folder.h"

namespace mneme {

/// Finds CUB-200-2011 in `folder` or folder/CUB_200_2011, as it is given out:
///
///   classes.txt                 "class name", the names as in "001.Black_footed_Albatross"
///   images.txt                  "image file", the files below images/
///   image_class_labels.txt      "image class"
///   train_test_split.txt        "image 1" to learn from, "image 0" to test with
///
/// or the lists train.txt and test.txt (data/images/list_file.h). A class's label is its place in classes.txt. Boxes,
/// parts and attributes are not read. Nothing is decoded. Throws one Error for all that is wrong: missing files, lines
/// of another form, images that one of the files does not tell of, classes without an image to learn from, and more
/// than `skip_bad` absent, empty or unreadable images.
ImageFileSplit find_cub200(const std::filesystem::path& folder, int64_t skip_bad = 0);

}  // namespace mneme
