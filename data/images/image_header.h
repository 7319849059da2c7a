#pragma once
// The properties of an image that its file states before the pixels are decoded.

#include <cstdint>
#include <string_view>

namespace mneme {

/// The kinds of image files that can be read.
enum class ImageFormat { jpeg, png };

struct ImageHeader {
  ImageFormat format = ImageFormat::jpeg;
  int height = 0, width = 0;  // in pixels, as stored in the file: a rotation given by EXIF may swap them
  int components = 3;         // of JPEG: 1 grey, 3 colours, 4 inks; of PNG: 1 grey, 3 colours, transparency apart
  bool progressive = false;   // of JPEG
  int orientation = 1;        // EXIF's, as it is written; 2 to 8 turn the image, others mean nothing
  bool ends = true;           // of JPEG: whether the mark of its end is there
  int adobe_transform = -1;   // of JPEG: 0 none, 1 YCbCr, 2 YCCK; -1 if the file has no such mark

  int64_t pixels() const { return int64_t{height} * width; }
  /// Whether width and height change places when the image is turned upright.
  bool lies() const { return orientation >= 5 && orientation <= 8; }
};

/// Walks over the parts of a JPEG or PNG file up to its end. The sizes are in pixels. Throws Error, beginning with
/// `name`, for bytes that are neither (the message says what they are, if that is known), that end too early, whose
/// checksums are wrong (PNG), or that no decoder should see. A JPEG file that ends inside coded pixels passes with
/// `ends` false: only its decoder can tell whether pixels are missing. Sources: ITU-T T.81 annex B, the PNG
/// specification (W3C), chapter 5.
ImageHeader read_image_header(std::string_view bytes, std::string_view name);

}  // namespace mneme
