#pragma once
// --config files, read as people write them.

#include <CLI/CLI.hpp>

namespace mneme {

/// Lines "flag = value", as CLI11 reads them, out of text that data/files/text_lines.h has read: a byte order mark,
/// Windows line ends and blanks around a line do not matter. Throws Error for a file that is no UTF-8 text, and
/// UsageError for a list with an empty place.
class ConfigFile final : public CLI::ConfigTOML {
 public:
  /// For a file of options of `app`, which must live as long.
  explicit ConfigFile(const CLI::App& app) : app_(app) {}
  /// Reads `input` to its end and returns one item for each flag it sets. CLI11's errors for a wrong line pass through.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  void check_line(const std::string& line) const;
  const CLI::App& app_;
};

}  // namespace mneme
