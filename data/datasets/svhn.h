#pragma once
// SVHN, cropped digits: Netzer et al., "Reading Digits in Natural Images with Unsupervised Feature Learning", 2011.
// 10 classes, 32x32 RGB.

#include <filesystem>

#include "data/batches/image_set.h"

namespace mneme {

struct SvhnOptions {
  bool extra = false;         ///< extra_32x32.mat's 531,131 easier images join the training images
  bool check_content = true;  ///< files of the official size must be the official ones
};

/// Reads train_32x32.mat and test_32x32.mat from `folder`: X (32, 32, 3, N), first index running fastest, is row,
/// column, colour, image; y (N, 1) holds 1 to 10, where 10 means digit 0. A class is its digit. Throws Error, naming
/// the file and how to mend it, if files are missing, cut off or damaged.
ResidentDataset load_svhn(const std::filesystem::path& folder, const SvhnOptions& options = {});

}  // namespace mneme
