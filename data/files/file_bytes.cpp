#include "data/files/file_bytes.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/base/error.h"

namespace mneme {

std::string read_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  MNEME_CHECK(std::filesystem::exists(status), "{}: no such file", path.string());
  MNEME_CHECK(std::filesystem::is_regular_file(status), "{}: not a plain file", path.string());
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  MNEME_CHECK(in && !error, "{}: cannot be opened ({}); check its permissions", path.string(), std::strerror(errno));
  std::string bytes(size, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  MNEME_CHECK(static_cast<std::uintmax_t>(in.gcount()) == size, "{}: only {} of its {} bytes could be read ({})",
              path.string(), in.gcount(), size, std::strerror(errno));
  return bytes;
}

std::vector<std::string> read_lines(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  std::vector<std::string> lines;
  for_each_line(bytes, [&](std::string_view line, size_t) { lines.emplace_back(line); });
  return lines;
}

}  // namespace mneme
