#pragma once
// The published rows on CIFAR-100, as presets.

#include "apps/common/presets.h"

namespace mneme {

/// Every preset on CIFAR-100: those of "Rethinking softmax", the FACIL survey, balanced softmax, the repositories and
/// SS-IL.
const std::vector<Preset>& cifar100_presets();
/// The published rows on CIFAR-100 that no preset repeats, each with the reason.
const std::vector<TableRow>& cifar100_rows_not_offered();

}  // namespace mneme
