#pragma once
// One picture out of a file: JPEG or PNG, by stb_image, whose other readers do not bear hostile files.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// 8-bit red, green, blue. Grey pictures have three equal planes; transparency is dropped.
struct Picture {
  int height = 0, width = 0;
  std::vector<uint8_t> pixels;  // (3, H, W)
};

/// Throws Error, beginning with `name`, for bytes that are no picture, for damaged ones, and for more than 100 million
/// pixels.
Picture decode_picture(std::string_view bytes, std::string_view name);
Picture read_picture(const std::filesystem::path& file);

/// Whether a file's name ends as pictures' names do, in capitals or not.
bool has_picture_name(const std::filesystem::path& file);

}  // namespace mneme
