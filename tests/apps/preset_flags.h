#pragma once
// Parses the flags of a preset as its program would.

#include "apps/common/flags.h"
#include "apps/common/presets.h"

namespace mneme::test {

/// The flags of a command line that gives this preset, resolved.
Flags flags_of(const Preset& preset);

}  // namespace mneme::test
