#pragma once
// A large file of which parts are read. The file is not mapped into memory: if another program cut a mapped file short,
// the system would end this program with SIGBUS, without a message that names the file.

#include <cstdint>
#include <filesystem>
#include <span>

namespace mneme {

class InputFile {
 public:
  /// Throws Error naming the file if it is missing, not a plain file, or cannot be read.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// The size in bytes when the file was opened.
  uint64_t size() const { return size_; }
  /// Reads the bytes from `at` on into `to`. Throws Error that names the file if the disk fails or the file has become
  /// too short. Several threads may call it at the same time.
  void read(uint64_t at, std::span<char> to) const;

 private:
  std::filesystem::path path_;
  int number_;
  uint64_t size_ = 0;
};

}  // namespace mneme
