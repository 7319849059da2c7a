#include "incremental/report/charts/png.h"

#include "engine/base/error.h"

#include <zlib.h>

#include <algorithm>
#include <string_view>

namespace mneme {
namespace {

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

/// A PNG chunk: length, type, data, and the checksum over type and data.
std::string chunk(std::string_view type, std::string_view data) {
  const std::string body = std::string(type) + std::string(data);
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(static_cast<std::uint32_t>(sum));
}

std::string deflated(const std::string& raw) {
  uLongf size = compressBound(static_cast<uLong>(raw.size()));
  std::string packed(size, '\0');
  const int status =
      compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(raw.data()),
                static_cast<uLong>(raw.size()), Z_BEST_COMPRESSION);
  MNEME_CHECK(status == Z_OK, "zlib could not compress a picture of {} bytes (status {})", raw.size(), status);
  packed.resize(size);
  return packed;
}

/// The header states 8 bits per sample, standard compression and filtering, and no interlacing. Each row begins with
/// the number of its filter, here 0 for none.
std::string png_of(int width, int height, std::span<const std::uint8_t> samples, char colour_type,
                   const std::string& palette) {
  const std::size_t line = samples.size() / static_cast<std::size_t>(height);
  std::string rows;
  for (std::size_t at = 0; at < samples.size(); at += line) {
    rows += '\0';
    const auto row = samples.subspan(at, line);
    rows.append(row.begin(), row.end());
  }
  const std::string header = big_endian(static_cast<std::uint32_t>(width)) +
                             big_endian(static_cast<std::uint32_t>(height)) + '\x08' + colour_type +
                             std::string(3, '\0');
  return std::string("\x89PNG\r\n\x1a\n", 8) + chunk("IHDR", header) + (palette.empty() ? "" : chunk("PLTE", palette)) +
         chunk("IDAT", deflated(rows)) + chunk("IEND", "");
}

void check_size(int width, int height, std::size_t samples, int per_pixel) {
  MNEME_CHECK(width > 0 && height > 0 && static_cast<std::int64_t>(samples) == std::int64_t{width} * height * per_pixel,
              "a picture of {} x {} cannot have {} pixels", width, height,
              samples / static_cast<std::size_t>(per_pixel));
}

}  // namespace

std::string png_image(int width, int height, std::span<const std::uint8_t> pixels, std::span<const Rgb> palette) {
  check_size(width, height, pixels.size(), 1);
  MNEME_CHECK(
      !palette.empty() && palette.size() <= 256 && *std::max_element(pixels.begin(), pixels.end()) < palette.size(),
      "a picture's palette holds 1 to 256 colours and all its pixels; this one has {} colours", palette.size());
  std::string colours;
  for (const Rgb& colour : palette)
    colours += {static_cast<char>(colour.red), static_cast<char>(colour.green), static_cast<char>(colour.blue)};
  return png_of(width, height, pixels, '\x03', colours);
}

std::string png_image(int width, int height, std::span<const std::uint8_t> rgb) {
  check_size(width, height, rgb.size(), 3);
  return png_of(width, height, rgb, '\x02', {});
}

}  // namespace mneme
