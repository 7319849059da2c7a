#pragma once
// The published rows on SVHN, as presets.

#include "apps/common/presets.h"

namespace mneme {

/// Every preset on SVHN: those of "Rethinking softmax".
const std::vector<Preset>& svhn_presets();

}  // namespace mneme
