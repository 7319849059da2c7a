// The build without libjpeg-turbo.
#include "data/pictures/picture_decoders.h"

namespace mneme {

bool has_jpeg_turbo() { return false; }

Picture decode_jpeg(std::string_view bytes, const PictureHeader& header, std::string_view name, int) {
  return decode_by_stb(bytes, header, name);
}

}  // namespace mneme
