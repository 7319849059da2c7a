#pragma once
// Whole files in, with errors that are sentences.

#include <filesystem>
#include <string>

namespace mneme {

/// All bytes of a file. Throws Error naming the file if it is missing, not a plain file (a folder, a pipe, a device),
/// or cannot be read. Readers of text call read_text (data/files/text_lines.h) instead.
std::string read_file(const std::filesystem::path& path);

}  // namespace mneme
