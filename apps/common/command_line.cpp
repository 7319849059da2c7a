#include "apps/common/command_line.h"

#include "apps/common/command_pages.h"
#include "engine/base/suggest.h"
#include "engine/base/version.h"

namespace mneme {
namespace {

std::vector<std::string> names_in(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  for (const CLI::App* subcommand : app.get_subcommands({})) names.push_back(subcommand->get_name());
  return names;
}

/// The flag that shows all flags of this program.
const char* help_flag(const CLI::App& app) { return app.get_help_all_ptr() ? "--help-all" : "--help"; }

[[noreturn]] void fail_unexpected(const CLI::App& app, std::string what) {
  what = what.substr(0, what.find('='));
  const std::vector<std::string> names = names_in(app);
  const std::string_view nearest = nearest_name(what, std::vector<std::string_view>(names.begin(), names.end()));
  fail_usage("unknown {} '{}'{} ({} shows all)", what.starts_with("-") ? "flag" : "argument", what,
             nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest), help_flag(app));
}

}  // namespace

bool parse_arguments(CLI::App& app, std::vector<std::string> arguments) {
  app.set_version_flag("--version", fmt::format("{} {}", app.get_name(), version()), "Print the version and exit");
  if (arguments.size() == 2 && arguments[0] == "--generate") {
    fmt::print("{}", generated_page(app, arguments[1]));
    return false;
  }
  app.allow_config_extras(CLI::config_extras_mode::error);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from the back
  try {
    app.parse(arguments);
    return true;
  } catch (const CLI::ExtrasError&) {
    fail_unexpected(app, app.remaining(true).front());
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) fail_usage("{} ({} shows all flags)", error.what(), help_flag(app));
    app.exit(error);
    return false;
  }
}

}  // namespace mneme
