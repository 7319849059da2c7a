#pragma once
// Published rows on CIFAR-100, as flags.

#include "apps/common/presets.h"

namespace mneme {

/// Every preset on CIFAR-100: of "Rethinking softmax", the survey, balanced softmax, the repositories and SS-IL.
const std::vector<Preset>& cifar100_presets();
/// The published rows on CIFAR-100 that no preset repeats, each with the reason.
const std::vector<TableRow>& cifar100_rows_not_offered();

}  // namespace mneme
