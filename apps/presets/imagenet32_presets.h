#pragma once
// The published rows on ImageNet-32, as presets.

#include "apps/common/presets.h"

namespace mneme {

/// Every preset on ImageNet-32: those of "Rethinking softmax".
const std::vector<Preset>& imagenet32_presets();

}  // namespace mneme
