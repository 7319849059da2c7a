#pragma once
// Published rows on CIFAR-100, as flags.

#include "apps/common/presets.h"

namespace mneme {

const std::vector<Preset>& cifar100_presets();
const std::vector<TableRow>& cifar100_rows_not_offered();

}  // namespace mneme
