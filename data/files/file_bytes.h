#pragma once
// Whole files in, with errors that are sentences.

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// All bytes of a file. Throws Error naming the file if it is missing, not a plain file, or cannot be read.
std::string read_file(const std::filesystem::path& path);

/// The lines of a text file without their ends (\n or \r\n); a last line without an end counts.
std::vector<std::string> read_lines(const std::filesystem::path& path);

/// Calls take(line, number) for every line of `bytes`, without its end, counted from 1.
template <class Take>
void for_each_line(std::string_view bytes, const Take& take) {
  for (size_t number = 1; !bytes.empty(); ++number) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    std::string_view line = bytes.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take(line, number);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

}  // namespace mneme
