#pragma once
// A file's bytes as memory, read by the system when they are looked at.

#include <filesystem>
#include <string_view>

namespace mneme {

class MappedFile {
 public:
  /// Throws Error naming the file if it is missing, not a plain file, or cannot be read.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace mneme
