#pragma once
// Compares the files of two runs byte by byte.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mneme::test {

/// Content by path inside `folder`. The files that contain times (timing.jsonl, TensorBoard's events) and the lock are
/// left out.
std::map<std::string, std::string> files_of_run(const std::filesystem::path& folder);

/// The paths of files that differ or exist on one side only.
std::vector<std::string> different_files(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace mneme::test
