#pragma once
// A file that grows at its end and can be gone on with.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace mneme {

class OutputFile {
 public:
  /// Opens the file, or makes it, and keeps others from doing so at the same time. Throws Error if that is impossible,
  /// if someone else has it open in this way, or if `path` is a symbolic link or anything but a plain file. All other
  /// functions throw Error if the disk fails or is full; what was written before stays.
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// In bytes.
  uint64_t size() const;
  /// Up to `count` bytes from `at` on; fewer where the file ends before.
  std::string read(uint64_t at, size_t count) const;
  /// Cuts off, or adds zeros; what is appended next comes behind.
  void resize(uint64_t size);
  /// Writes behind the last byte.
  void append(std::string_view bytes);
  /// Writes from byte `at` on.
  void overwrite(std::string_view bytes, uint64_t at);
  /// Returns when the disk has everything.
  void sync();

 private:
  [[noreturn]] void fail_writing() const;

  std::filesystem::path path_;
  int number_;
};

}  // namespace mneme
