#pragma once
// A large file of which parts are read. It is not mapped into memory: where a mapped file is cut short by someone else,
// the system ends the program with SIGBUS instead of letting it say which file that was.

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

  /// In bytes, when the file was opened.
  uint64_t size() const { return size_; }
  /// Fills `to` with the bytes from `at` on. Throws Error naming the file if the disk fails, or if the file does not
  /// have them (any more). Several threads may call it at once.
  void read(uint64_t at, std::span<char> to) const;

 private:
  std::filesystem::path path_;
  int number_;
  uint64_t size_ = 0;
};

}  // namespace mneme
