#include "apps/command_line/switch.h"

#include <CLI/CLI.hpp>

namespace mneme {

CLI::Option* add_switch(CLI::App& app, const std::string& names, bool& value, const std::string& help) {
  return app.add_flag(names, value, help)->default_str(value ? "true" : "false");
}

}  // namespace mneme
