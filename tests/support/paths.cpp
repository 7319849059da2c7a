#include "tests/support/paths.h"

// Only this file is compiled with the two folders' names, so that one compiler cache serves several source trees and
// builds.
namespace mneme::test {
namespace {

std::filesystem::path below(const std::filesystem::path& folder, const std::string& name) {
  return name.empty() ? folder : folder / name;
}

}  // namespace

std::filesystem::path source_path(const std::string& name) { return below(MNEME_SOURCE_DIR, name); }

std::string program_path(const std::string& name) { return below(MNEME_BUILD_DIR "/apps", name).string(); }

}  // namespace mneme::test
