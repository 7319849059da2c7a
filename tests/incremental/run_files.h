#pragma once
// The files of a run's folder, to be compared byte for byte.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mneme::test {

/// Content by path inside `folder`. Without what tells of time, not of results: timing.jsonl, TensorBoard's events, and
/// the lock.
std::map<std::string, std::string> files_of_run(const std::filesystem::path& folder);

/// The files that differ or are on one side only.
std::vector<std::string> different_files(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace mneme::test
