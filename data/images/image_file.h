#pragma once
// One picture out of a file: JPEG or PNG, upright, in red, green and blue. What comes out is what Pillow's
// ImageOps.exif_transpose(image).convert("RGB") gives, to the byte with libjpeg-turbo, else within a few grey levels.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// 8-bit red, green, blue. Grey pictures have three equal planes; inks are mixed; transparency is dropped.
struct RawImage {
  int height = 0, width = 0;
  std::vector<uint8_t> pixels;  // (3, H, W)
};

struct DecodeOptions {
  int64_t most_pixels = 100'000'000;  ///< more are refused before memory is taken for them
  /// Above 0, a JPEG may come out at 1/2, 1/4 or 1/8 of its size, which is several times as fast, as long as its short
  /// side keeps so many pixels. Only libjpeg-turbo does so.
  int least_short_side = 0;
};

/// Throws Error, beginning with `name`, for bytes that are no picture, for damaged ones, and for more pixels than
/// allowed.
RawImage decode_image(std::string_view bytes, std::string_view name, const DecodeOptions& options = {});
RawImage read_image_file(const std::filesystem::path& file, const DecodeOptions& options = {});

/// The picture turned and mirrored as EXIF's `orientation` tells to; as it is for numbers that mean nothing.
RawImage upright(RawImage picture, int orientation);

/// Whether a file's name ends as pictures' names do, in capitals or not.
bool has_image_name(const std::filesystem::path& file);

}  // namespace mneme
