#pragma once
// The decoders behind decode_image. All take bytes that read_image_header has accepted.

#include <string_view>

#include "data/images/image_file.h"
#include "data/images/image_header.h"

namespace mneme {

/// By stb_image: PNG and JPEG, as stored.
RawImage decode_by_stb(std::string_view bytes, const ImageHeader& header, std::string_view name);

/// Whether this build has libjpeg-turbo.
bool has_jpeg_turbo();

/// By libjpeg-turbo, as stored; by stb_image in a build without it. `least_short_side` as in DecodeOptions.
RawImage decode_jpeg(std::string_view bytes, const ImageHeader& header, std::string_view name,
                     int least_short_side = 0);

}  // namespace mneme
