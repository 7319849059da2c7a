#pragma once
// Reading a command line by CLI11, with this project's errors in place of its own.

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace mneme {

/// Fills in the variables bound to `app`'s options; those that are not given keep their values. Throws UsageError, with
/// the nearest name for a flag or subcommand that does not exist, and file and line for a wrong value in a --config
/// file. False if help or the version was asked for, which is printed. Every program gets --version here.
bool parse_arguments(CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace mneme
