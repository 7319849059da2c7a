#pragma once
// The presets of the programs for large images.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

const std::vector<Preset>& imagenet100_presets();
const std::vector<Preset>& imagenet_presets();
const std::vector<Preset>& landmarks_presets();
const std::vector<TableRow>& imagenet100_rows_not_offered();
const std::vector<TableRow>& imagenet_rows_not_offered();

}  // namespace mneme
