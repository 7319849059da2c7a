// stb_image 2.27, whose other readers do not bear hostile files.
#include <algorithm>
#include <memory>
#include <string>

#include "data/images/image_decoders.h"
#include "engine/base/error.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#include <stb_image.h>
#pragma GCC diagnostic pop

namespace mneme {
namespace {

constexpr size_t channels = 3;

unsigned byte_at(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u;
}

/// Tables from `at` to `end`: kind and number in a byte, then how many codes there are of each of 16 lengths, then as
/// many bytes.
void check_huffman_tables(std::string_view bytes, size_t at, size_t end, std::string_view name) {
  while (at < end) {
    unsigned codes = 0;
    for (size_t length = 1; length <= 16; ++length) codes += byte_at(bytes, at + length);
    MNEME_CHECK(codes <= 256,
                "{}: a Huffman table of {} codes, where 256 are the most; the file is damaged, fetch it again", name,
                codes);
    at += 17 + codes;
  }
}

/// stb_image writes beyond its table where a JPEG's Huffman table has more than 256 codes. Up to the first scan
/// segments are stepped over as it does; from there on everything that could be taken for a table is looked at.
void check_jpeg(std::string_view bytes, std::string_view name) {
  constexpr unsigned fill = 0xff, start = 0xd8, tables = 0xc4, scan = 0xda;
  bool scanned = false;
  for (size_t at = 0; at < bytes.size();) {
    const unsigned marker = byte_at(bytes, at) == fill ? byte_at(bytes, at + 1) : fill;
    const size_t length = byte_at(bytes, at + 2) << 8 | byte_at(bytes, at + 3);
    if (marker == tables) check_huffman_tables(bytes, at + 4, at + 2 + length, name);
    scanned |= marker == scan;
    at += marker == fill || scanned ? 1 : marker == start ? 2 : 2 + length;
  }
}

/// Four components are inks, also without Adobe's mark, of which stb_image makes three colours and an opacity.
std::string with_adobe_mark(std::string_view bytes) {
  constexpr std::string_view mark{
      "\xff\xee\0\x0e"
      "Adobe\0d\0\0\0\0\0",
      16};
  return std::string(bytes.substr(0, 2)) + std::string(mark) + std::string(bytes.substr(2));
}

/// One dimension of the inverse cosine transform by Loeffler, Ligtenberg and Moschytz, 1989, with libjpeg's thirteen
/// bits behind the point: eight values `step` apart, in place, the results halved `shift` times and rounded.
void inverse_cosines(int* v, int step, int shift) {
  const auto in = [&](int k) { return v[k * step]; };
  const int even = (in(2) + in(6)) * 4433, odd = (in(7) + in(3) + in(5) + in(1)) * 9633;
  const int e2 = even - in(6) * 15137, e3 = even + in(2) * 6270;
  const int e0 = (in(0) + in(4)) * 8192, e1 = (in(0) - in(4)) * 8192;
  const int z1 = (in(7) + in(1)) * -7373, z2 = (in(5) + in(3)) * -20995;
  const int z3 = (in(7) + in(3)) * -16069 + odd, z4 = (in(5) + in(1)) * -3196 + odd;
  const int sums[4] = {e0 + e3, e1 + e2, e1 - e2, e0 - e3};
  const int differences[4] = {in(1) * 12299 + z1 + z4, in(3) * 25172 + z2 + z3, in(5) * 16819 + z2 + z4,
                              in(7) * 2446 + z1 + z3};
  const int half = 1 << (shift - 1);
  for (int k = 0; k < 4; ++k) {
    v[k * step] = (sums[k] + differences[k] + half) >> shift;
    v[(7 - k) * step] = (sums[k] - differences[k] + half) >> shift;
  }
}

/// The transform of one block, with the same result as libjpeg's. The transform of stb_image itself differs now and
/// then by one grey level, and after the conversion of colours by up to four.
void inverse_cosine_block(stbi_uc* out, int stride, short coefficients[64]) {
  int v[64];
  std::copy_n(coefficients, 64, v);
  for (int column = 0; column < 8; ++column) inverse_cosines(v + column, 8, 11);
  for (int row = 0; row < 8; ++row) inverse_cosines(v + 8 * row, 1, 18);
  for (int i = 0; i < 64; ++i) out[i / 8 * stride + i % 8] = static_cast<stbi_uc>(std::clamp(v[i] + 128, 0, 255));
}

using Mixed = std::unique_ptr<stbi_uc, void (*)(void*)>;

/// Red, green and blue of every pixel in turn; null if the library gives up.
Mixed load(stbi__context& context, const ImageHeader& header) {
  int width = 0, height = 0, found = 0;
  if (header.format == ImageFormat::png)
    return {stbi__load_and_postprocess_8bit(&context, &width, &height, &found, channels), stbi_image_free};
  const auto jpeg = std::make_unique<stbi__jpeg>();
  jpeg->s = &context;
  stbi__setup_jpeg(jpeg.get());
  jpeg->idct_block_kernel = inverse_cosine_block;
  return {load_jpeg_image(jpeg.get(), &width, &height, &found, channels), stbi_image_free};
}

}  // namespace

RawImage decode_by_stb(std::string_view bytes, const ImageHeader& header, std::string_view name) {
  MNEME_CHECK(header.ends, "{}: ends in the middle of the image; fetch it again", name);  // stb_image would not tell
  if (header.format == ImageFormat::jpeg) check_jpeg(bytes, name);
  std::string marked;
  if (header.components == 4 && header.adobe_transform < 0) bytes = marked = with_adobe_mark(bytes);
  const auto* data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const int length = static_cast<int>(std::min<size_t>(bytes.size(), 1 << 30));
  int width = 0, height = 0, found = 0;
  const bool same =
      stbi_info_from_memory(data, length, &width, &height, &found) && width == header.width && height == header.height;
  MNEME_CHECK(same, "{}: cannot be decoded (bad header); the file is damaged, fetch it again", name);
  stbi__context context;
  stbi__start_mem(&context, data, length);
  const Mixed mixed = load(context, header);
  MNEME_CHECK(mixed, "{}: cannot be decoded ({}); the file is damaged, fetch it again", name, stbi_failure_reason());
  const size_t plane = static_cast<size_t>(width) * static_cast<size_t>(height);
  RawImage image{height, width, std::vector<uint8_t>(channels * plane)};
  for (size_t i = 0; i < plane; ++i)
    for (size_t c = 0; c < channels; ++c) image.pixels[c * plane + i] = mixed.get()[channels * i + c];
  return image;
}

}  // namespace mneme
