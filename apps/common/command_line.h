#pragma once
// Reading a command line by CLI11, with this project's errors in place of its own.

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// Throws UsageError, naming the flag, if `value`, a list with commas, has an empty place. CLI11 would skip it, and a
/// number that was forgotten would not be missed.
void check_list(std::string_view flag, std::string_view value);
/// The names ("--seeds") of the options of `app` that take lists with commas.
std::vector<std::string> list_options(const CLI::App& app);

/// Fills in the variables bound to `app`'s options; those that are not given keep their values. Throws UsageError, with
/// the nearest name for a flag or subcommand that does not exist. False if help or the version was asked for, which is
/// printed. Every program gets --version here.
bool parse_arguments(CLI::App& app, std::vector<std::string> arguments);

}  // namespace mneme
