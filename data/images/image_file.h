#pragma once
// Reads one image from a JPEG or PNG file, upright, in red, green and blue. The result equals that of Pillow's
// ImageOps.exif_transpose(image).convert("RGB"): to the byte with libjpeg-turbo, otherwise within a few grey levels.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// Something unusual about a file that could be decoded nevertheless.
enum class DecodeRemark : uint8_t {
  none,
  no_end,   ///< a JPEG file of which only the mark of its end is missing
  damaged,  ///< a JPEG file in which the decoder met bytes that make no sense; a part of the image may be wrong
};

/// For messages, in the singular: "image that is damaged inside". `remark` is not `none`.
const char* phrase_of(DecodeRemark remark);

/// An image at the size in which its file holds it, decoded: 8-bit red, green, blue. Grey images have three equal
/// planes; inks are mixed; transparency is dropped.
struct RawImage {
  int height = 0,                            ///< H, in pixels
      width = 0;                             ///< W, in pixels
  std::vector<uint8_t> pixels;               ///< (3, H, W)
  DecodeRemark remark = DecodeRemark::none;  ///< what was odd about the file
};

struct DecodeOptions {
  int64_t most_pixels = 100'000'000;  ///< more are refused before memory is taken for them
  /// Above 0, a JPEG may come out at 1/2, 1/4 or 1/8 of its size, which is several times as fast, as long as its short
  /// side keeps so many pixels. Only libjpeg-turbo does so.
  int least_short_side = 0;
};

/// Decodes the bytes of a file. Throws Error, beginning with `name`, for bytes that are no JPEG or PNG image (the
/// message says what they are, if that is known), for images that are cut off or that no decoder can make sense of, and
/// for more pixels than allowed.
RawImage decode_image(std::string_view bytes, std::string_view name, const DecodeOptions& options = {});
/// Reads and decodes a file. Throws as decode_image() does, and Error as read_file (data/files/file_bytes.h) does.
RawImage read_image_file(const std::filesystem::path& file, const DecodeOptions& options = {});

/// The image turned and mirrored as EXIF's `orientation` (1 to 8) tells to; as it is for numbers that mean nothing.
/// Source: the EXIF standard, CIPA DC-008, tag 0x0112.
RawImage upright(RawImage image, int orientation);

/// Whether a file's name ends as those of JPEG and PNG files do (.jpg .jpeg .jpe .jfif .pjpeg .pjp .png), in capitals
/// or not.
bool has_image_name(const std::filesystem::path& file);

/// Whether a file's name ends as those of images in other formats do, which are not read: .bmp .gif .webp .tif and
/// others.
bool has_unread_image_name(const std::filesystem::path& file);

}  // namespace mneme
