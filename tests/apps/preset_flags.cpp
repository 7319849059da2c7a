#include "tests/apps/preset_flags.h"

#include <doctest/doctest.h>
#include <CLI/CLI.hpp>

#include "apps/command_line/command_line.h"
#include "tests/apps/resolve_alone.h"

namespace mneme::test {

Flags flags_of(const Preset& preset) {
  Flags flags;
  CLI::App app;
  add_flags(app, flags);
  CHECK(parse_arguments(app, preset.flags));
  resolve_alone(flags);
  return flags;
}

}  // namespace mneme::test
