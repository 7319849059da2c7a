#pragma once
// Rows of the tables in "Balanced Softmax Cross-Entropy for Incremental Learning".

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

/// The rows of Tables 1 to 4 on CIFAR-100.
std::vector<Preset> balanced_presets();
/// The rows of Table 1 on 100 classes of ImageNet ("SubImageNet"). `data` holds the flags that choose these classes.
std::vector<Preset> balanced_imagenet100_presets(const Words& data = {});
/// The rows of Table 1 on all classes of ImageNet.
std::vector<Preset> balanced_imagenet_presets();

}  // namespace mneme
