#include "apps/command_line/switch.h"

#include <CLI/CLI.hpp>

namespace mneme {

CLI::Option* add_switch(CLI::App& app, const std::string& names, bool& value, const std::string& help) {
  // --help prints the blank in place of the default "false", which would only distract.
  return app.add_flag(names, value, help)->default_str(value ? "true" : "false")->option_text(" ");
}

}  // namespace mneme
