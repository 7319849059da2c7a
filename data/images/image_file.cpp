#include "data/images/image_file.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "data/files/file_bytes.h"
#include "data/images/image_decoders.h"
#include "engine/base/error.h"

namespace mneme {

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

RawImage upright(RawImage picture, int orientation) {
  if (orientation < 2 || orientation > 8) return picture;
  const auto is_one_of = [&](std::initializer_list<int> numbers) {
    return std::ranges::count(numbers, orientation) > 0;
  };
  const bool transposed = orientation >= 5, from_bottom = is_one_of({3, 4, 6, 7}), from_right = is_one_of({2, 3, 7, 8});
  const ptrdiff_t height = picture.height, width = picture.width, plane = height * width;
  RawImage turned{picture.height, picture.width, std::vector<uint8_t>(picture.pixels.size())};
  if (transposed) std::swap(turned.height, turned.width);
  uint8_t* to = turned.pixels.data();
  for (ptrdiff_t c = 0; c < 3; ++c)
    for (ptrdiff_t i = 0; i < turned.height; ++i)
      for (ptrdiff_t j = 0; j < turned.width; ++j) {
        const ptrdiff_t y = transposed ? j : i, x = transposed ? i : j;
        const ptrdiff_t row = from_bottom ? height - 1 - y : y, column = from_right ? width - 1 - x : x;
        *to++ = picture.pixels[static_cast<size_t>(c * plane + row * width + column)];
      }
  return turned;
}

bool has_image_name(const std::filesystem::path& file) {
  constexpr std::array<std::string_view, 3> endings{".jpg", ".jpeg", ".png"};
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(endings, ending) != endings.end();
}

}  // namespace mneme
