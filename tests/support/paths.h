#pragma once
// Where the source tree and the built programs lie, for tests that read or run them.

#include <filesystem>
#include <string>

namespace mneme::test {

/// The path of a file or folder of the source tree, given relative to its root. An empty name gives the root itself.
std::filesystem::path source_path(const std::string& name = "");

/// The path of a file in tests/golden.
inline std::filesystem::path golden_path(const std::string& name) { return source_path("tests/golden/" + name); }

/// The path of a built program, for example "cifar100". An empty name gives the folder of the programs.
std::string program_path(const std::string& name = "");

}  // namespace mneme::test
