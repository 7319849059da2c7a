#include "tests/incremental/run_files.h"

#include <nlohmann/json.hpp>

#include "data/files/file_bytes.h"

namespace mneme::test {

namespace fs = std::filesystem;

namespace {

/// The content of the file without the command, the times and the machine.
std::string without_provenance(const std::string& name, const std::string& bytes) {
  if (name == "run.json") {
    nlohmann::json content = nlohmann::json::parse(bytes);
    content.erase("provenance");
    return content.dump(2);
  }
  if (name != "report.html") return bytes;
  const std::size_t begin = bytes.find("<div class=made>");
  return begin == std::string::npos ? bytes : bytes.substr(0, begin) + bytes.substr(bytes.find('\n', begin));
}

}  // namespace

std::map<std::string, std::string> files_of_run(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    const bool about_time =
        name == "timing.jsonl" || name == ".lock" || name == "results.checkpoint" || name.starts_with("tensorboard");
    if (entry.is_regular_file() && !about_time) files[name] = without_provenance(name, read_file(entry.path()));
  }
  return files;
}

std::vector<std::string> different_files(const fs::path& a, const fs::path& b) {
  const auto left = files_of_run(a), right = files_of_run(b);
  std::vector<std::string> names;
  for (const auto& [name, bytes] : left)
    if (!right.contains(name) || right.at(name) != bytes) names.push_back(name);
  for (const auto& [name, bytes] : right)
    if (!left.contains(name)) names.push_back(name);
  return names;
}

}  // namespace mneme::test
