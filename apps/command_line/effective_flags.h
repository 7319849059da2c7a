#pragma once
// The flags of a command line as values: those that were given, for run.json, and all of them, for --print-config.

#include <CLI/CLI.hpp>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace mneme {

/// The flags that a parsed command line gives, its --config file included: by name without dashes, a text or an array
/// of texts. What only says where results go, or how and how often the program runs, is left out.
nlohmann::json given_flags(const CLI::App& app);

/// The text of a --config file with every flag: its meaning as a comment, and the value that was given or the default.
/// Options of methods that are not in `used_options` ("--alpha", ...) are left out. A flag without a value is commented
/// out.
std::string config_text(const CLI::App& app, const std::set<std::string>& used_options, const std::string& command);

/// The heading of the options of methods, in help and in config_text().
inline constexpr const char* method_options_group = "Options of methods, [with the methods and slots that use them]";

}  // namespace mneme
