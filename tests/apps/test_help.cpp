// Tests of --help and --help-all.

#include <doctest/doctest.h>
#include <CLI/CLI.hpp>

#include <sstream>
#include <string>
#include <vector>

#include "apps/common/flags.h"
#include "apps/common/help.h"

namespace mneme::test {
namespace {

using Words = std::vector<std::string>;

TEST_CASE(
    "--help begins with the dozen everyday flags in the order of use, shows eight more, and --help-all shows every "
    "flag") {
  Flags flags;
  CLI::App app("what it is", "program");
  add_flags(app, flags);
  add_help_flags(app, flags);
  std::istringstream lines(app.help());
  Words every_day, also;
  Words* among = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line == "Every day, in the order of use:") among = &every_day;
    if (line == "Also needed by most people:") among = &also;
    if (line == "More help:") among = nullptr;
    if (among && line.starts_with("  --")) among->push_back(line.substr(2, line.find_first_of(" ,", 2) - 2));
  }
  CHECK(every_day == Words{"--data", "--method", "--tasks", "--base-classes", "--memory-per-class", "--epochs", "--lr",
                           "--seeds", "--out", "--resume", "--dry-run", "--config"});
  CHECK(also.size() == 8);
  CHECK(app.help().find("--help-method NAME") != std::string::npos);
  const std::string all = app.help("", CLI::AppFormatMode::All);
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty())
      CHECK_MESSAGE(all.find(option->get_name()) != std::string::npos, option->get_name());
}

}  // namespace
}  // namespace mneme::test
