#pragma once
// Parses the flags of a preset as its program would.

#include <doctest/doctest.h>

#include "apps/common/command_line.h"
#include "apps/common/flags.h"
#include "apps/common/presets.h"

namespace mneme::test {

inline Flags flags_of(const Preset& preset) {
  Flags flags;
  CLI::App app;
  add_flags(app, flags);
  CHECK(parse_arguments(app, preset.flags));
  resolve(flags);
  return flags;
}

}  // namespace mneme::test
