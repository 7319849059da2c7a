#pragma once
// Reads --config files with the variations that people write.

#include <CLI/CLI.hpp>

namespace mneme {

/// Reads lines "flag = value" in CLI11's syntax. The text comes from data/files/text_lines.h, so that a byte order
/// mark, Windows line ends and blanks around a line do not matter. Throws Error for a file that is not UTF-8 text, and
/// UsageError for a list with an empty place.
class ConfigFile final : public CLI::ConfigTOML {
 public:
  /// Reads files of options of `app`, which must live as long.
  explicit ConfigFile(const CLI::App& app) : app_(app) {}
  /// Reads `input` to its end and returns one item for each flag that the text sets. CLI11's errors for a wrong line
  /// are not caught here.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  void check_line(const std::string& line) const;
  const CLI::App& app_;
};

}  // namespace mneme
