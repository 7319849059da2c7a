#pragma once
// Reads a command line by CLI11 and turns CLI11's errors into this project's.

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

/// Throws UsageError that names the flag if `value`, a list with commas, has an empty place. CLI11 would skip the
/// place, and nobody would notice that a number was forgotten.
void check_list(std::string_view flag, std::string_view value);
/// The names ("--seeds") of the options of `app` that take lists with commas.
std::vector<std::string> list_options(const CLI::App& app);

/// Fills in the variables that are bound to `app`'s options. Options that are not given keep their values. Throws
/// UsageError; for an unknown flag or subcommand the message names the nearest one, and for a wrong value in a --config
/// file the file and the line. Returns false if help or the version was asked for, which is then printed. Every program
/// gets the flag --version here.
bool parse_arguments(CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace mneme
