#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace mneme {

/// The MD5 of a file's bytes as 32 hexadecimal digits. MD5 because that is what the data sets' authors publish; it
/// finds damage, not forgery. Throws Error if the file cannot be read.
std::string md5_of_file(const std::filesystem::path& file);

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& add(std::string_view bytes);
  /// Of everything added, as 64 hexadecimal digits. Nothing may be added afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The SHA-256 of `bytes` as 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace mneme
