// The build without libjpeg-turbo.
#include "data/images/image_decoders.h"

namespace mneme {

bool has_jpeg_turbo() { return false; }

RawImage decode_jpeg(std::string_view bytes, const ImageHeader& header, std::string_view name, int) {
  return decode_by_stb(bytes, header, name);
}

}  // namespace mneme
