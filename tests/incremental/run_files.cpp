#include "tests/incremental/run_files.h"

#include "data/files/file_bytes.h"

namespace mneme::test {

namespace fs = std::filesystem;

std::map<std::string, std::string> files_of_run(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder).string();
    const bool about_time = name == "timing.jsonl" || name == ".lock" || name.starts_with("tensorboard");
    if (entry.is_regular_file() && !about_time) files[name] = read_file(entry.path());
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
