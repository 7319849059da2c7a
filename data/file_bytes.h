#pragma once
// Whole files in, with errors that are sentences.

#include <filesystem>
#include <string>
#include <vector>

namespace mneme {

/// All bytes of a file. Throws Error naming the file if it is missing, not a plain file, or cannot be read.
std::string read_file(const std::filesystem::path& path);

/// The lines of a text file without their ends (\n or \r\n); a last line without an end counts.
std::vector<std::string> read_lines(const std::filesystem::path& path);

}  // namespace mneme
