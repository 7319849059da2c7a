#pragma once
// The decoders behind decode_picture. All take bytes that read_picture_header has accepted.

#include <string_view>

#include "data/pictures/image_file.h"
#include "data/pictures/picture_header.h"

namespace mneme {

/// By stb_image: PNG and JPEG, as stored.
Picture decode_by_stb(std::string_view bytes, const PictureHeader& header, std::string_view name);

/// Whether this build has libjpeg-turbo.
bool has_jpeg_turbo();

/// By libjpeg-turbo, as stored; by stb_image in a build without it. `least_short_side` as in DecodeOptions.
Picture decode_jpeg(std::string_view bytes, const PictureHeader& header, std::string_view name,
                    int least_short_side = 0);

}  // namespace mneme
