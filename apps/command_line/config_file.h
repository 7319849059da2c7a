#pragma once
// --config files: lines "flag = value" as people write them in INI and TOML, and the run.json of a finished run.

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

namespace mneme {

/// Reads the file that --config of `app` names. Comments begin with '#' or ';'. A value may be quoted. A list is
/// written in brackets or with commas. Underscores in a key mean dashes. A [section] only groups keys. A byte order
/// mark, Windows line ends and blanks do not matter. If the file is a run.json, its flags are read.
///
/// The command line takes precedence over the file, also where two flags exclude each other: with --resume on the
/// command line, `overwrite` in the file does not count, and the other way round. So the command that continues a run
/// needs no other file.
class ConfigFile final : public CLI::ConfigTOML {
 public:
  /// `app` has read its command line before it reads a file, and outlives this object.
  explicit ConfigFile(const CLI::App& app) : app_(app) {}

  /// Reads `input` to its end and returns one item for each flag it sets. Throws UsageError that names file, line and,
  /// where there is one, the nearest key: for a line that is none, an unknown key, a key that is set twice, several
  /// values for a flag that takes one, a list with an empty place, and a run.json of another format, release or
  /// program.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

  /// "run.ini:3" where the file sets this flag, "--epochs" for example; empty if it does not.
  std::string place_of(const std::string& flag) const;

 private:
  std::string name() const;
  bool loses_to_command_line(const CLI::ConfigItem& item) const;
  std::vector<CLI::ConfigItem> from_lines(const std::string& text) const;
  std::vector<CLI::ConfigItem> from_run(const std::string& text) const;
  void check_key(const std::string& key, const std::string& place) const;
  void add(std::vector<CLI::ConfigItem>& read, const std::string& key, std::vector<std::string> values,
           const std::string& place) const;

  const CLI::App& app_;
  mutable std::map<std::string, std::string> places_;  // the places of the flags that were read
};

}  // namespace mneme
