#include "apps/command_line/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

#include "apps/command_line/command_pages.h"
#include "apps/command_line/config_file.h"
#include "apps/command_line/names_elsewhere.h"
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
  std::string_view nearest = our_name(what);
  if (std::ranges::find(names, nearest) == names.end())
    nearest = nearest_name(what, std::vector<std::string_view>(names.begin(), names.end()));
  fail_usage("unknown {} '{}'{} ({} shows all)", what.starts_with("-") ? "flag" : "argument", what,
             nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest), help_flag(app));
}

/// The check of a whole number: removes leading zeros from `text` and returns an empty string if it is a decimal number
/// of the type, otherwise what is wrong.
template <class Integer>
std::string check_decimal(std::string& text) {
  constexpr bool is_signed = std::numeric_limits<Integer>::is_signed;
  const bool negative = text.starts_with('-');
  std::string digits = text.substr(negative || text.starts_with('+') ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos)
    return fmt::format("takes a whole number, got '{}'", text);
  if (negative && !is_signed) return fmt::format("takes a whole number from 0 on, got {}", text);
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  text = (negative && digits != "0" ? "-" : "") + digits;
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  return fmt::format("{} is not between {} and {}", text, std::numeric_limits<Integer>::min(),
                     std::numeric_limits<Integer>::max());
}

/// Says why `text` is not a number in C++'s notation; empty if it is one. Removes a plus sign before the number.
std::string check_real(std::string& text) {
  if (text.starts_with('+')) text.erase(0, 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? "" : fmt::format("takes a number, got '{}'", text);
}

/// Says what is wrong with the value of an option of this type; empty if nothing is.
std::string fault_of(const std::string& type, std::string& text) {
  if (text.empty()) return "the value is empty; give one, or leave the flag out";
  if (type.starts_with("UINT")) return check_decimal<uint64_t>(text);
  if (type.starts_with("FLOAT")) return check_real(text);
  return type.starts_with("INT") ? check_decimal<int64_t>(text) : "";
}

/// Makes every option refuse an empty value, and read numbers as decimal ones, whole ones of 64 bits. CLI11 would take
/// an empty value for 0, 010 for octal and 0x10 for sixteen, and clamp a number with more bits. CLI11's messages do not
/// name an option that no help shows, so that its name is put before them here.
void guard_values(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    const std::string name = option->get_group().empty() ? "--" + option->get_lnames().at(0) + ": " : "";
    const auto check = [type, name](std::string& text) {
      const std::string fault = fault_of(type, text);
      return fault.empty() ? fault : name + fault;
    };
    option->transform(CLI::Validator(check, ""));
  }
  for (CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) guard_values(*subcommand);
}

/// The place in the --config file where the first flag of the message is set, "run.ini:3: "; empty if the command line
/// sets that flag.
std::string place_in_config(CLI::App& app, const std::vector<std::string>& arguments, const std::string& message) {
  const auto* file = dynamic_cast<const ConfigFile*>(app.get_config_formatter().get());
  const size_t begin = message.find("--");
  if (!file || begin == std::string::npos) return {};
  const std::string flag = message.substr(begin, message.find_first_of(" =:,'", begin) - begin);
  const auto gives = [&](const std::string& word) { return word == flag || word.starts_with(flag + "="); };
  const std::string place = std::ranges::any_of(arguments, gives) ? "" : file->place_of(flag);
  return place.empty() ? "" : place + ": ";
}

/// Refuses a list with an empty place among the words of a command line.
void check_lists(const CLI::App& app, const std::vector<std::string>& arguments) {
  const std::vector<std::string> lists = list_options(app);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const size_t equals = arguments[i].find('=');
    const std::string flag = arguments[i].substr(0, equals);
    if (std::ranges::find(lists, flag) == lists.end()) continue;
    if (equals != std::string::npos)
      check_list(flag, std::string_view(arguments[i]).substr(equals + 1));
    else if (i + 1 < arguments.size())
      check_list(flag, arguments[i + 1]);
  }
}

}  // namespace

void check_list(std::string_view flag, std::string_view value) {
  if (value.starts_with(',') || value.ends_with(',') || value.find(",,") != value.npos)
    fail_usage("{}: a place of the list '{}' is empty; write the values with one comma between two", flag, value);
}

std::vector<std::string> list_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    if (option->get_delimiter() != '\0')
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; }))
    for (std::string& name : list_options(*subcommand)) names.push_back(std::move(name));
  return names;
}

bool parse_arguments(CLI::App& app, const std::vector<std::string>& arguments) {
  app.set_version_flag("--version", fmt::format("{} {}", app.get_name(), version()), "Print the version and exit");
  if (arguments.size() == 2 && arguments[0] == "--generate") {
    fmt::print("{}", generated_page(app, arguments[1]));
    return false;
  }
  guard_values(app);
  check_lists(app, arguments);
  app.allow_config_extras(CLI::config_extras_mode::error);
  try {
    // CLI11 takes the words in reverse order.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    return true;
  } catch (const CLI::ExtrasError&) {
    fail_unexpected(app, app.remaining(true).front());
  } catch (const UsageError& error) {
    fail_usage("{}{}", place_in_config(app, arguments, error.what()), error.what());
  } catch (const CLI::ParseError& error) {
    const std::string_view what = error.what();
    if (error.get_exit_code() != 0)
      fail_usage("{}{} ({} shows all flags)", place_in_config(app, arguments, error.what()),
                 what.substr(what.starts_with(": ") ? 2 : 0), help_flag(app));
    app.exit(error);
    return false;
  }
}

}  // namespace mneme
