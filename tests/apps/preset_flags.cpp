#include "tests/apps/preset_flags.h"

#include <doctest/doctest.h>
#include <CLI/CLI.hpp>

#include "apps/command_line/command_line.h"

namespace mneme::test {

Flags flags_of(const Preset& preset) {
  Flags flags;
  CLI::App app;
  add_flags(app, flags);
  CHECK(parse_arguments(app, preset.flags));
  resolve(flags);
  return flags;
}

}  // namespace mneme::test
