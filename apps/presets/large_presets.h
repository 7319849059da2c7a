#pragma once
// The presets of the programs for large images.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

/// Every preset on 100 classes of ImageNet: of "Rethinking softmax" and balanced softmax.
const std::vector<Preset>& imagenet100_presets();
/// Every preset on all classes of ImageNet: of SS-IL and balanced softmax.
const std::vector<Preset>& imagenet_presets();
/// Every preset on Google Landmarks v2, with 1000 or 10000 classes: those of SS-IL.
const std::vector<Preset>& landmarks_presets();
/// The published rows on 100 classes of ImageNet that no preset repeats, each with the reason: BiC's.
const std::vector<TableRow>& imagenet100_rows_not_offered();
/// The published rows on all classes of ImageNet that no preset repeats, each with the reason: BiC's.
const std::vector<TableRow>& imagenet_rows_not_offered();

}  // namespace mneme
