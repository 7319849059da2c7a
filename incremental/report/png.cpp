#include "incremental/report/png.h"

#include "engine/error.h"

#include <zlib.h>

#include <algorithm>
#include <string_view>

namespace mneme {
namespace {

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

/// Length, type, data, and the checksum over type and data.
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

}  // namespace

std::string png_image(int width, int height, std::span<const std::uint8_t> pixels, std::span<const Rgb> palette) {
  MNEME_CHECK(width > 0 && height > 0 && std::ssize(pixels) == std::ptrdiff_t{width} * height,
              "a picture of {} x {} cannot have {} pixels", width, height, pixels.size());
  MNEME_CHECK(
      !palette.empty() && palette.size() <= 256 && *std::max_element(pixels.begin(), pixels.end()) < palette.size(),
      "a picture's palette holds 1 to 256 colours and all its pixels; this one has {} colours", palette.size());

  std::string rows;  // each row begins with its filter: 0, none
  for (int y = 0; y < height; ++y) {
    rows += '\0';
    const auto row =
        pixels.subspan(static_cast<std::size_t>(y) * static_cast<std::size_t>(width), static_cast<std::size_t>(width));
    rows.append(row.begin(), row.end());
  }
  std::string colours;
  for (const Rgb& colour : palette)
    colours += {static_cast<char>(colour.red), static_cast<char>(colour.green), static_cast<char>(colour.blue)};

  // 8 bits per pixel, colour type 3 (palette), standard compression and filtering, not interlaced
  const std::string header = big_endian(static_cast<std::uint32_t>(width)) +
                             big_endian(static_cast<std::uint32_t>(height)) + std::string("\x08\x03\x00\x00\x00", 5);
  return std::string("\x89PNG\r\n\x1a\n", 8) + chunk("IHDR", header) + chunk("PLTE", colours) +
         chunk("IDAT", deflated(rows)) + chunk("IEND", "");
}

}  // namespace mneme
