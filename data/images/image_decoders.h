#pragma once
// The decoders behind decode_image. All take bytes that read_image_header has accepted.

#include <string_view>

#include "data/images/image_file.h"
#include "data/images/image_header.h"

namespace mneme {

/// Decodes by stb_image: PNG and JPEG, as stored. Throws Error, beginning with `name`, for damaged images, and for a
/// JPEG file without the mark of its end, whose missing pixels stb_image would not tell of.
RawImage decode_by_stb(std::string_view bytes, const ImageHeader& header, std::string_view name);

/// Whether this build has libjpeg-turbo.
bool has_jpeg_turbo();

/// Decodes a JPEG by libjpeg-turbo, as stored; by stb_image in a build without it. `least_short_side` as in
/// DecodeOptions. The library's warnings become the image's DecodeRemark. Throws Error, beginning with `name`, where
/// the library gives up, and where pixels are missing at the end.
RawImage decode_jpeg(std::string_view bytes, const ImageHeader& header, std::string_view name,
                     int least_short_side = 0);

}  // namespace mneme
