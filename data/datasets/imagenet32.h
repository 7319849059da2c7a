#pragma once
// ImageNet's 1000 classes at 32x32: Chrabaszcz, Loshchilov and Hutter, "A Downsampled Variant of ImageNet as an
// Alternative to the CIFAR datasets", 2017. 1,281,167 images to learn from, 50,000 to test with.

#include <filesystem>
#include <string>
#include <vector>

#include "data/batches/image_set.h"

namespace mneme {

struct Imagenet32Options {
  std::vector<int> only = {};  ///< keeps the images of these labels, to save memory; empty: all
};

/// Whether the official pickles, or some of them, are in `folder`.
bool holds_imagenet32_pickles(const std::filesystem::path& folder);

/// Reads the official pickles, train_data_batch_1 to train_data_batch_10 and val_data, whose labels 1..1000 become
/// 0..999; or train/CLASS/ and val/CLASS/ with pictures of 32x32 pixels, of any number of classes. Takes 3.9 GB for the
/// whole set. Throws Error, naming the file and how to mend it, if files are missing, damaged or of another size.
ResidentDataset load_imagenet32(const std::filesystem::path& folder, const Imagenet32Options& options = {});

/// One pickle's images and labels from bytes in memory, as load_imagenet32 would take them; `name` stands for the file
/// in messages.
ResidentImages parse_imagenet32_batch(std::string bytes, const std::string& name);

}  // namespace mneme
