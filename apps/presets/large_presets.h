#pragma once
// The presets of the programs for large pictures.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

const std::vector<Preset>& imagenet100_presets();
const std::vector<Preset>& imagenet_presets();
const std::vector<Preset>& landmarks_presets();

}  // namespace mneme
