#include "apps/common/config_file.h"

#include <iterator>
#include <sstream>

#include "data/files/text_lines.h"

namespace mneme {

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  const std::string bytes(std::istreambuf_iterator<char>(input), {});
  std::stringstream lines;
  for_each_line(text_of(bytes, "--config"), [&](const TextLine& line) { lines << line.text << '\n'; });
  return CLI::ConfigTOML::from_config(lines);
}

}  // namespace mneme
