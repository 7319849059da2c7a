#pragma once
// Rows of "Balanced Softmax Cross-Entropy for Incremental Learning" on CIFAR-100: Tables 1 to 4.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

std::vector<Preset> balanced_presets();

}  // namespace mneme
