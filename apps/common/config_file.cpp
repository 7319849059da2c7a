#include "apps/common/config_file.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <vector>

#include "apps/common/command_line.h"
#include "data/files/text_lines.h"

namespace mneme {

/// CLI11 skips an empty place of a list, so that it must be seen in the line.
void ConfigFile::check_line(const std::string& line) const {
  const size_t equals = line.find('=');
  if (equals == std::string::npos) return;
  std::string key = line.substr(0, equals), value = line.substr(equals + 1);
  for (std::string* text : {&key, &value})
    std::erase_if(*text, [](char c) { return std::string_view(" \t\"'[]").find(c) != std::string_view::npos; });
  const std::vector<std::string> lists = list_options(app_);
  if (std::ranges::find(lists, "--" + key) != lists.end()) check_list("--config: " + key, value);
}

std::vector<CLI::ConfigItem> ConfigFile::from_config(std::istream& input) const {
  const std::string bytes(std::istreambuf_iterator<char>(input), {});
  std::stringstream lines;
  for_each_line(text_of(bytes, "--config"), [&](const TextLine& line) {
    check_line(std::string(line.text));
    lines << line.text << '\n';
  });
  std::vector<CLI::ConfigItem> items = CLI::ConfigTOML::from_config(lines);
  std::erase_if(items, [&](const CLI::ConfigItem& item) { return loses_to_command_line(item); });
  return items;
}

bool ConfigFile::loses_to_command_line(const CLI::ConfigItem& item) const {
  const bool given_resume = app_.count("--resume") > 0, given_overwrite = app_.count("--overwrite") > 0;
  return (item.name == "overwrite" && given_resume) || (item.name == "resume" && given_overwrite);
}

}  // namespace mneme
