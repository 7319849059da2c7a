#pragma once
// What the file of a picture says of it before it is decoded.

#include <cstdint>
#include <string_view>

namespace mneme {

enum class ImageFormat { jpeg, png };

struct ImageHeader {
  ImageFormat format = ImageFormat::jpeg;
  int height = 0, width = 0;  // as stored: turning it upright may swap them
  int components = 3;         // of JPEG: 1 grey, 3 colours, 4 inks; of PNG: 1 grey, 3 colours, transparency apart
  bool progressive = false;   // of JPEG
  int orientation = 1;        // EXIF's, as it is written; 2 to 8 turn the picture, others mean nothing
  int adobe_transform = -1;   // of JPEG: 0 none, 1 YCbCr, 2 YCCK; -1 if the file has no such mark

  int64_t pixels() const { return int64_t{height} * width; }
  /// Whether width and height change places when the picture is turned upright.
  bool lies() const { return orientation >= 5 && orientation <= 8; }
};

/// Walks over the parts of a JPEG or PNG file up to its end. Throws Error, beginning with `name`, for bytes that are
/// neither, that end too early, or that no decoder should see.
ImageHeader read_image_header(std::string_view bytes, std::string_view name);

}  // namespace mneme
