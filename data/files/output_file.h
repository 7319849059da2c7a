#pragma once
// A file that grows at its end and can be gone on with.

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace mneme {

class OutputFile {
 public:
  /// Opens the file, or makes it. Throws Error if that is impossible, or someone else has it open in this way.
  explicit OutputFile(const std::filesystem::path& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  uint64_t size() const;
  /// Cuts off, or adds zeros; what is appended next comes behind.
  void resize(uint64_t size);
  void append(std::string_view bytes);
  void overwrite(std::string_view bytes, uint64_t at);
  /// Returns when the disk has everything.
  void sync();

 private:
  [[noreturn]] void fail_writing() const;

  std::filesystem::path path_;
  int number_;
};

}  // namespace mneme
