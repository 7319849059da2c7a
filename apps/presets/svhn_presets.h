#pragma once
// Published rows on SVHN, as flags.

#include "apps/common/presets.h"

namespace mneme {

const std::vector<Preset>& svhn_presets();

}  // namespace mneme
