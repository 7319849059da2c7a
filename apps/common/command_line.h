#pragma once
// Reading a command line by CLI11, with this project's errors in place of its own.

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace mneme {

/// Fills in the variables bound to `app`'s options; those that are not given keep their values. Throws UsageError, with
/// the nearest name for a flag or subcommand that does not exist. False if help or the version was asked for, which is
/// printed. Every program gets --version here.
bool parse_arguments(CLI::App& app, std::vector<std::string> arguments);

}  // namespace mneme
