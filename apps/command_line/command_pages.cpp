#include "apps/command_line/command_pages.h"

#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "engine/base/suggest.h"
#include "engine/base/version.h"

namespace mneme {
namespace {

using Replacements = std::vector<std::pair<char, const char*>>;

std::string replaced(const std::string& text, const Replacements& replacements) {
  std::string out;
  for (const char c : text) {
    const auto it = std::ranges::find(replacements, c, &Replacements::value_type::first);
    it == replacements.end() ? out += c : out += it->second;
  }
  return out;
}

std::vector<const CLI::Option*> shown_options(const CLI::App& app) {
  std::vector<const CLI::Option*> shown;
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty()) shown.push_back(option);
  return shown;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// The names of an option as a user types them, for example "--data" and "-h". Empty for a positional argument.
std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> all_names(const CLI::App& app, bool with_value_only) {
  std::vector<std::string> all;
  for (const CLI::Option* option : shown_options(app)) {
    if (with_value_only && !takes_value(*option)) continue;
    const std::vector<std::string> names = names_of(*option);
    all.insert(all.end(), names.begin(), names.end());
  }
  return all;
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
  return verbs;
}

// --- man

/// Escapes a line for roff, which would read a leading dot or apostrophe as a command.
std::string roff(const std::string& text) {
  std::string out;
  bool begins = true;
  for (const char c : text) {
    if (begins && (c == '.' || c == '\'')) out += "\\&";
    out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    begins = c == '\n';
  }
  return out;
}

std::string man_option(const CLI::Option& option) {
  std::vector<std::string> names = names_of(option);
  if (names.empty()) names.push_back(option.get_name());
  std::string value = takes_value(option) && !names_of(option).empty() ? " \\fI" + option.get_type_name() + "\\fR" : "";
  std::string text = fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(fmt::format("{}", fmt::join(names, ", "))), value,
                                 roff(option.get_description()));
  if (takes_value(option) && !option.get_default_str().empty())
    text += fmt::format("(default: {})\n", roff(option.get_default_str()));
  return text;
}

/// The options under their headings. The headings keep the order in which they first appear.
std::string man_options(const CLI::App& app) {
  std::string text;
  for (const std::string& group : app.get_groups()) {
    if (group.empty()) continue;
    std::string options;
    for (const CLI::Option* option : shown_options(app))
      if (option->get_group() == group) options += man_option(*option);
    if (!options.empty()) text += fmt::format(".SS {}\n{}", roff(group), options);
  }
  return text;
}

// --- zsh

std::string zsh_quoted(const std::string& text) {
  return replaced(text, {{'\'', "'\\''"}, {'[', "\\["}, {']', "\\]"}, {':', "\\:"}, {'\n', " "}});
}

std::string zsh_arguments(const CLI::App& app) {
  std::string text = "_arguments";
  for (const CLI::Option* option : shown_options(app))
    for (const std::string& name : names_of(*option))
      text += fmt::format(" \\\n      '{}[{}]{}'", name, zsh_quoted(option->get_description()),
                          takes_value(*option) ? ":value:_files" : "");
  if (const std::vector<std::string> verbs = verbs_of(app); !verbs.empty())
    text += fmt::format(" \\\n      '1::verb:({})'", fmt::join(verbs, " "));
  return text + " \\\n      '*:file:_files'";
}

}  // namespace

std::string man_page(const CLI::App& app) {
  const std::string& name = app.get_name();
  std::string title = name;
  std::ranges::transform(title, title.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const std::string what = app.get_description();
  std::string text = fmt::format(
      ".TH {} 1 \"\" \"Mneme {}\" \"Mneme\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n[\\fIoptions\\fR]{}\n",
      roff(title), roff(release()), roff(name), roff(what.substr(0, what.find(':'))), roff(name),
      verbs_of(app).empty() ? "" : " [\\fIverb\\fR]");
  text += fmt::format(".SH DESCRIPTION\n{}\n.SH OPTIONS\n{}", roff(what), man_options(app));
  for (const CLI::App* verb : app.get_subcommands({}))
    text +=
        fmt::format(".SH VERB {}\n{}\n{}", roff(verb->get_name()), roff(verb->get_description()), man_options(*verb));
  if (!app.get_footer().empty()) text += fmt::format(".SH EXAMPLES\n.nf\n{}\n.fi\n", roff(app.get_footer()));
  return text;
}

std::string bash_completion(const CLI::App& app) {
  const std::vector<std::string> verbs = verbs_of(app);
  std::string cases, values = fmt::format("{}", fmt::join(all_names(app, true), "|"));
  for (const CLI::App* verb : app.get_subcommands({})) {
    cases += fmt::format("    {}) words='{}' ;;\n", verb->get_name(), fmt::join(all_names(*verb, false), " "));
    for (const std::string& name : all_names(*verb, true)) values += "|" + name;
  }
  const std::string function = "_mneme_" + replaced(app.get_name(), {{'-', "_"}});
  return fmt::format(R"(# Completion of {0} for bash.
{1}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} words
  COMPREPLY=()
  # Behind a flag that takes a value bash completes file names.
  case $previous in {2}) return ;; esac
  case ${{COMP_WORDS[1]}} in
{3}    *) words='{4} {5}' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F {1} {0}
)",
                     app.get_name(), function, values.empty() ? "''" : values, cases,
                     fmt::join(all_names(app, false), " "), fmt::join(verbs, " "));
}

std::string zsh_completion(const CLI::App& app) {
  std::string text =
      fmt::format("#compdef {}\n# Completion of {} for zsh.\ncase ${{words[2]}} in\n", app.get_name(), app.get_name());
  for (const CLI::App* verb : app.get_subcommands({}))
    text += fmt::format("  {})\n    shift words\n    (( CURRENT-- ))\n    {}\n    ;;\n", verb->get_name(),
                        zsh_arguments(*verb));
  return text + fmt::format("  *)\n    {}\n    ;;\nesac\n", zsh_arguments(app));
}

std::string generated_page(const CLI::App& app, const std::string& kind) {
  constexpr std::pair<const char*, std::string (*)(const CLI::App&)> kinds[] = {
      {"man", man_page}, {"bash", bash_completion}, {"zsh", zsh_completion}};
  return choose_by_name("kind of page", kind, kinds)(app);
}

}  // namespace mneme
