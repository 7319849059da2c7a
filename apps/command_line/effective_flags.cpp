#include "apps/command_line/effective_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "engine/base/version.h"

namespace mneme {
namespace {

using nlohmann::json;

/// Flags that decide where results go, or how and how often a program runs. A repeated run has its own values of these.
constexpr std::string_view of_the_start[] = {
    "out",     "overwrite", "resume", "quiet",   "dry-run", "verify-determinism",
    "threads", "seeds",     "jobs",   "against", "mixed"};

bool is_of_the_start(const std::string& name) {
  return std::ranges::find(of_the_start, name) != std::end(of_the_start);
}

/// The flags that a file may set.
std::vector<const CLI::Option*> configurable(const CLI::App& app) {
  std::vector<const CLI::Option*> found;
  for (const CLI::Option* option : app.get_options())
    if (option->get_configurable() && !option->get_lnames().empty() && !option->get_group().empty())
      found.push_back(option);
  return found;
}

bool takes_list(const CLI::Option& option) { return option.get_items_expected_max() > 1; }

/// The values that the command line gave: all values of a flag that takes a list, otherwise the last one.
std::vector<std::string> values_given(const CLI::Option& option) {
  std::vector<std::string> values = option.results();
  if (!takes_list(option) && values.size() > 1) values.erase(values.begin(), values.end() - 1);
  return values;
}

/// True if `text` stands without quotes in TOML: a number or a truth value.
bool is_bare(const CLI::Option& option, const std::string& text) {
  const std::string type = option.get_type_name();
  return option.get_items_expected_max() == 0 || type.starts_with("INT") || type.starts_with("UINT") ||
         type.starts_with("FLOAT") || text == "true" || text == "false";
}

std::string toml_word(const CLI::Option& option, const std::string& text) {
  if (is_bare(option, text)) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

/// The value in TOML, empty if there is none.
std::string toml_value(const CLI::Option& option) {
  if (option.count() == 0) {
    const std::string text = option.get_default_str();
    if (takes_list(option)) return text == "[]" || text == "{}" ? "" : text;
    return text.empty() || text == "\"\"" ? "" : toml_word(option, text);
  }
  std::vector<std::string> words;
  for (const std::string& value : values_given(option)) words.push_back(toml_word(option, value));
  return takes_list(option) ? fmt::format("[{}]", fmt::join(words, ",")) : words.back();
}

std::string commented(const std::string& description) {
  std::string text = "# " + description;
  std::ranges::replace(text, '\n', ' ');
  return text + '\n';
}

}  // namespace

json given_flags(const CLI::App& app) {
  json flags = json::object();
  for (const CLI::Option* option : configurable(app)) {
    const std::string& name = option->get_lnames().front();
    if (option->count() == 0 || is_of_the_start(name)) continue;
    const std::vector<std::string> values = values_given(*option);
    flags[name] = takes_list(*option) ? json(values) : json(values.back());
  }
  return flags;
}

std::string config_text(const CLI::App& app, const std::set<std::string>& used_options, const std::string& command) {
  std::string text = fmt::format("# All settings of\n#   {}\n# by {} {}. Read back by --config FILE.\n", command,
                                 app.get_name(), version());
  for (const std::string& group : app.get_groups()) {
    std::string lines;
    for (const CLI::Option* option : configurable(app)) {
      const std::string& name = option->get_lnames().front();
      if (option->get_group() != group) continue;
      if (group == method_options_group && !used_options.contains("--" + name)) continue;
      const std::string value = toml_value(*option);
      lines += commented(option->get_description()) + (value.empty() ? "# " : "") + name + " = " + value + "\n";
    }
    if (!lines.empty()) text += fmt::format("\n# {}\n\n{}", std::string(group.size(), '-') + "\n# " + group, lines);
  }
  return text;
}

}  // namespace mneme
