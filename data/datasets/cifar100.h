#pragma once
// CIFAR-100: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. 100 fine classes, 32x32 RGB.

#include <filesystem>

#include "data/batches/image_set.h"

namespace mneme {

struct Cifar100Options {
  /// Sets of the full size (50,000 and 10,000 images) must hold exactly the official images with their labels, in any
  /// order. Off: a changed set is read as it is.
  bool check_content = true;
};

/// Reads CIFAR-100 with fine labels from `folder`, or from its subfolder cifar-100-binary or cifar-100-python, in
/// whichever of the two official layouts is there. Subsets and other record orders are fine; record order is kept.
/// Throws Error, naming the file and how to mend it, if files are missing, truncated or damaged.
ResidentDataset load_cifar100(const std::filesystem::path& folder, const Cifar100Options& options = {});

}  // namespace mneme
