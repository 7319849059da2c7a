#pragma once
// Files that are either whole or absent, whatever happens while they are written.

#include <filesystem>
#include <string_view>

namespace mneme {

/// Writes `content` beside `path` under a temporary name, forces it to the disk and renames it over `path`. On any
/// failure the temporary file is removed, an existing `path` keeps its old content, and Error names the reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Appends `bytes` and forces them to the disk, creating the file when absent. On failure the file is cut back to its
/// old length, so that it never ends in half of them, and Error names the reason.
void append_bytes(const std::filesystem::path& path, std::string_view bytes);
/// The same with a line and its end.
void append_line(const std::filesystem::path& path, std::string_view line);

}  // namespace mneme
