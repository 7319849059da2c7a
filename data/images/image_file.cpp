#include "data/images/image_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "data/files/file_bytes.h"
#include "data/images/image_decoders.h"
#include "engine/base/error.h"

namespace mneme {

const char* phrase_of(DecodeRemark remark) {
  return remark == DecodeRemark::damaged
             ? "image that is damaged inside, as the decoder says: a part of it may be wrong"
             : "JPEG without the mark of its end; all its pixels are there";
}

RawImage decode_image(std::string_view bytes, std::string_view name, const DecodeOptions& options) {
  const ImageHeader header = read_image_header(bytes, name);
  MNEME_CHECK(header.pixels() <= options.most_pixels, "{}: {} x {} pixels are more than {}", name, header.width,
              header.height, options.most_pixels);
  RawImage stored = header.format == ImageFormat::png ? decode_by_stb(bytes, header, name)
                                                      : decode_jpeg(bytes, header, name, options.least_short_side);
  return upright(std::move(stored), header.orientation);
}

RawImage read_image_file(const std::filesystem::path& file, const DecodeOptions& options) {
  return decode_image(read_file(file), file.string(), options);
}

RawImage upright(RawImage image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const auto is_one_of = [&](std::initializer_list<int> numbers) {
    return std::ranges::count(numbers, orientation) > 0;
  };
  const bool transposed = orientation >= 5, from_bottom = is_one_of({3, 4, 6, 7}), from_right = is_one_of({2, 3, 7, 8});
  const ptrdiff_t height = image.height, width = image.width, plane = height * width;
  RawImage turned{image.height, image.width, std::vector<uint8_t>(image.pixels.size()), image.remark};
  if (transposed) std::swap(turned.height, turned.width);
  uint8_t* to = turned.pixels.data();
  for (ptrdiff_t c = 0; c < 3; ++c)
    for (ptrdiff_t i = 0; i < turned.height; ++i)
      for (ptrdiff_t j = 0; j < turned.width; ++j) {
        const ptrdiff_t y = transposed ? j : i, x = transposed ? i : j;
        const ptrdiff_t row = from_bottom ? height - 1 - y : y, column = from_right ? width - 1 - x : x;
        *to++ = image.pixels[static_cast<size_t>(c * plane + row * width + column)];
      }
  return turned;
}

namespace {

bool ends_as(const std::filesystem::path& file, std::span<const std::string_view> endings) {
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(endings, ending) != endings.end();
}

}  // namespace

bool has_image_name(const std::filesystem::path& file) {
  constexpr std::array<std::string_view, 7> endings{".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".png"};
  return ends_as(file, endings);
}

bool has_unread_image_name(const std::filesystem::path& file) {
  constexpr std::array<std::string_view, 25> endings{
      ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff", ".avif", ".heic", ".heif", ".jp2", ".j2k", ".jpf", ".jpx",
      ".jxl", ".ppm", ".pgm", ".pbm",  ".pnm", ".ico",  ".svg",  ".psd",  ".tga",  ".exr", ".hdr", ".apng"};
  return ends_as(file, endings);
}

}  // namespace mneme
