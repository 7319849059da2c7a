#pragma once
// Published rows on ImageNet-32, as flags.

#include "apps/common/presets.h"

namespace mneme {

/// Every preset on ImageNet-32: those of "Rethinking softmax".
const std::vector<Preset>& imagenet32_presets();

}  // namespace mneme
