#pragma once
// Published rows on ImageNet-32, as flags.

#include "apps/common/presets.h"

namespace mneme {

const std::vector<Preset>& imagenet32_presets();

}  // namespace mneme
