// libjpeg-turbo: the same pixels as Pillow's, which uses it too, and two to three times as fast as stb_image.
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>

#include <jpeglib.h>

#include <jerror.h>

#include "data/images/image_decoders.h"
#include "engine/base/error.h"

namespace mneme {
namespace {

/// The library's state; it ends by a jump to `failed`, across nothing that would have to be destroyed.
struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jmp_buf failed{};
  char message[JMSG_LENGTH_MAX] = {};
  bool warned = false;        ///< of anything but pixels that are missing
  bool lacks_pixels = false;  ///< coded pixels ended too early

  Decoder() {
    info.err = jpeg_std_error(&errors);
    info.client_data = this;
    errors.error_exit = [](j_common_ptr any) { of(any).fail(); };
    errors.emit_message = [](j_common_ptr any, int level) {
      if (any->err->msg_code == JWRN_JPEG_EOF) of(any).fail();  // otherwise the library fills the rest with grey
      if (any->err->msg_code == JWRN_HIT_MARKER) of(any).lacks_pixels = true;
      if (level < 0) of(any).warned = true;
    };
    jpeg_create_decompress(&info);
  }
  ~Decoder() { jpeg_destroy_decompress(&info); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  static Decoder& of(j_common_ptr any) { return *static_cast<Decoder*>(any->client_data); }

  [[noreturn]] void fail() {
    errors.format_message(reinterpret_cast<j_common_ptr>(&info), message);
    std::longjmp(failed, 1);
  }
};

/// The smallest scale, in eighths, at which the short side keeps at least `least` pixels; 8 if `least` is 0.
unsigned eighths(const ImageHeader& header, int least) {
  const int shorter = std::min(header.height, header.width);
  for (const int part : {1, 2, 4})
    if (least > 0 && (int64_t{shorter} * part + 7) / 8 >= least) return static_cast<unsigned>(part);
  return 8;
}

J_COLOR_SPACE colours(const ImageHeader& header) {
  return header.components == 1 ? JCS_GRAYSCALE : header.components == 3 ? JCS_RGB : JCS_CMYK;
}

/// a b / 255, rounded.
unsigned product(unsigned a, unsigned b) {
  const unsigned twice = a * b + 128;
  return ((twice >> 8) + twice) >> 8;
}

/// Copies a row of `width` pixels, of one, three or four bytes each, into the three planes. The four inks of a CMYK
/// pixel are stored inverted, as Adobe writes them.
void spread(const uint8_t* __restrict row, int components, uint8_t* __restrict to, size_t width, size_t plane) {
  uint8_t* __restrict red = to, * __restrict green = to + plane, * __restrict blue = green + plane;
  if (components == 3) {
    for (size_t x = 0; x < width; ++x) red[x] = row[3 * x], green[x] = row[3 * x + 1], blue[x] = row[3 * x + 2];
    return;
  }
  for (size_t c = 0; c < 3; ++c)
    for (size_t x = 0; x < width; ++x) {
      const uint8_t* pixel = row + x * static_cast<size_t>(components);
      const bool grey = components == 1;
      to[c * plane + x] = grey ? pixel[0] : static_cast<uint8_t>(pixel[3] - product(255u - pixel[c], pixel[3]));
    }
}

/// Whether a progressive file lacks scans: some coefficient is not known to its last bit.
bool lacks_scans(const jpeg_decompress_struct& info) {
  for (int c = 0; info.coef_bits && c < info.num_components; ++c)
    for (const int bits_to_come : std::span(info.coef_bits[c], DCTSIZE2))
      if (bits_to_come != 0) return true;
  return false;
}

/// False, with a message in `decoder`, if the library gives up.
bool decode(Decoder& decoder, std::string_view bytes, const ImageHeader& header, int least_short_side,
            RawImage& image) {
  if (setjmp(decoder.failed)) return false;
  jpeg_decompress_struct& info = decoder.info;
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = colours(header);
  info.scale_num = eighths(header, least_short_side);
  info.scale_denom = 8;
  jpeg_start_decompress(&info);
  const size_t width = info.output_width, plane = width * info.output_height;
  image = {static_cast<int>(info.output_height), static_cast<int>(width), std::vector<uint8_t>(3 * plane)};
  JSAMPARRAY row = info.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&info), JPOOL_IMAGE,
                                          info.output_width * static_cast<unsigned>(info.output_components), 1);
  while (info.output_scanline < info.output_height) {
    uint8_t* to = image.pixels.data() + info.output_scanline * width;
    jpeg_read_scanlines(&info, row, 1);
    spread(row[0], info.output_components, to, width, plane);
  }
  decoder.lacks_pixels |= !header.ends && lacks_scans(info);
  return true;
}

}  // namespace

bool has_jpeg_turbo() { return true; }

RawImage decode_jpeg(std::string_view bytes, const ImageHeader& header, std::string_view name, int least_short_side) {
  const std::string mended = header.ends ? std::string() : std::string(bytes) + "\xff\xd9";
  Decoder decoder;
  RawImage image;
  MNEME_CHECK(decode(decoder, header.ends ? bytes : mended, header, least_short_side, image),
              "{}: cannot be decoded ({}); the file is damaged, fetch it again", name, decoder.message);
  MNEME_CHECK(header.ends || !decoder.lacks_pixels, "{}: ends in the middle of the image; fetch it again", name);
  image.remark = decoder.warned ? DecodeRemark::damaged : header.ends ? DecodeRemark::none : DecodeRemark::no_end;
  return image;
}

}  // namespace mneme
