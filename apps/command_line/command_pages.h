#pragma once
// Manual pages and shell completions, written from the same tables as --help. The build asks every program for them by
// `NAME --generate man`, `bash` or `zsh`.

#include <string>

namespace CLI {
class App;  // CLI11 takes seconds to compile, so that only sources include it
}

namespace mneme {

/// The text of a page for man(1), section 1: name, synopsis, description, every option under its heading, the verbs
/// with their options, and the examples.
std::string man_page(const CLI::App& app);

/// A script for bash that completes flags and verbs, and file names behind a flag that takes a value.
std::string bash_completion(const CLI::App& app);

/// A script for zsh that completes the same, with a description beside each flag. It is installed as _NAME in a folder
/// of $fpath.
std::string zsh_completion(const CLI::App& app);

/// The page of the given kind: "man", "bash" or "zsh". Throws UsageError, which lists the kinds, for any other word.
std::string generated_page(const CLI::App& app, const std::string& kind);

}  // namespace mneme
