#pragma once
// ImageNet at full size (ILSVRC 2012), all of it or some of its classes.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/images/image_folder.h"

namespace mneme {

struct ImagenetOptions {
  std::string classes = "all";  ///< see chosen_classes
  int64_t skip_bad = 0;         ///< how many bad files may be left out before it is an error
};

/// Finds the images in `folder`, which holds one of
///
///   train/CLASS/, val/CLASS/       as most programs want it
///   ILSVRC/Data/CLS-LOC            or what is in that folder, with LOC_val_solution.csv: as Kaggle gives it out
///   train/CLASS/, val/*, val.txt   as it was given out, with Caffe's list of the validation images
///   train.txt, val.txt (test.txt)  lists (data/images/list_file.h), which choose the classes instead of `classes`
///
/// Nothing is decoded. LOC_val_solution.csv is read by the names of its columns, in any order. Throws one Error for all
/// that is wrong (see list_image_folders), each refused line with its number and the reason, and UsageError for
/// `classes`.
ImageFileSplit find_imagenet(const std::filesystem::path& folder, const ImagenetOptions& options = {});

/// Which classes are learned, out of the names of all in order of their bytes. `text` is one of
///
///   all        every class
///   seed1993   LUCIR's 100: the first 100 of NumPy's permutation of 1000 by seed 1993, sorted
///   first100   PODNet's 100: the first by name
///   a file     one class a line, learned in this order: the whole line, quoted or not, or else its first word
///
/// A folder of exactly 100 classes is taken as being the 100 of either name already. Throws UsageError otherwise.
std::vector<std::string> chosen_classes(const std::string& text, const std::vector<std::string>& names);

/// SHA-256 of the names, one a line: people mean several sets by "ImageNet-100", and this tells them apart.
std::string class_list_sum(const std::vector<std::string>& names);

}  // namespace mneme
