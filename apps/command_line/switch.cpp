#include "apps/command_line/switch.h"

#include <CLI/CLI.hpp>

namespace mneme {

CLI::Option* add_switch(CLI::App& app, const std::string& names, bool& value, const std::string& help) {
  // The blank stands in --help where the default of an option would: a flag that is off needs no word about it.
  return app.add_flag(names, value, help)->default_str(value ? "true" : "false")->option_text(" ");
}

}  // namespace mneme
