#include "apps/common/config_file.h"

#include <iterator>
#include <sstream>
#include <vector>

#include "data/files/text_lines.h"

namespace mneme {

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  const std::string bytes(std::istreambuf_iterator<char>(input), {});
  std::stringstream lines;
  for_each_line(text_of(bytes, "--config"), [&](const TextLine& line) { lines << line.text << '\n'; });
  std::vector<CLI::ConfigItem> found = CLI::ConfigTOML::from_config(lines);
  std::erase_if(found, [&](const CLI::ConfigItem& item) { return loses_to_command_line(item); });
  return found;
}

bool ConfigFile::loses_to_command_line(const CLI::ConfigItem& item) const {
  const bool given_resume = app_.count("--resume") > 0, given_overwrite = app_.count("--overwrite") > 0;
  return (item.name == "overwrite" && given_resume) || (item.name == "resume" && given_overwrite);
}

}  // namespace mneme
