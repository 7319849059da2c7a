#pragma once
// Files that are either whole or absent, whatever happens while they are written.

#include <filesystem>
#include <string_view>

namespace mneme {

/// Writes `content` beside `path` as PATH.part, forces it to the disk and renames it over `path`; where `path` is a
/// symbolic link, the link is replaced and its target left alone. On any failure the temporary file is removed, an
/// existing `path` keeps its old content, and Error names the reason. A PATH.part that is a link, a pipe or a device is
/// an Error.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// Appends `bytes` and forces them to the disk, creating the file when absent. On failure the file is cut back to its
/// old length, so that it never ends in half of them, and Error names the reason.
void append_bytes(const std::filesystem::path& path, std::string_view bytes);
/// Appends a line and the end of line "\n", in the same way.
void append_line(const std::filesystem::path& path, std::string_view line);

}  // namespace mneme
