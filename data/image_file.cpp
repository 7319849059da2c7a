#include "data/image_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "data/file_bytes.h"
#include "engine/error.h"

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

constexpr int64_t most_pixels = 100'000'000;
constexpr int channels = 3;

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

/// stb_image 2.27 writes beyond its table where a JPEG's Huffman table has more than 256 codes. Up to the first scan
/// segments are stepped over as it does; from there on everything that could be taken for a table is looked at.
void check_jpeg(std::string_view bytes, std::string_view name) {
  constexpr unsigned fill = 0xff, start = 0xd8, tables = 0xc4, scan = 0xda;
  if (byte_at(bytes, 0) != fill) return;
  bool scanned = false;
  for (size_t at = 0; at < bytes.size();) {
    const unsigned marker = byte_at(bytes, at) == fill ? byte_at(bytes, at + 1) : fill;
    const size_t length = byte_at(bytes, at + 2) << 8 | byte_at(bytes, at + 3);
    if (marker == tables) check_huffman_tables(bytes, at + 4, at + 2 + length, name);
    scanned |= marker == scan;
    at += marker == fill || scanned ? 1 : marker == start ? 2 : 2 + length;
  }
}

/// A PNG's chunks: length, kind, as many bytes, checksum. stb_image takes the memory before it misses the bytes.
void check_png(std::string_view bytes, std::string_view name) {
  constexpr size_t signature = 8, length_and_kind = 8, checksum = 4;
  if (!bytes.starts_with("\x89PNG\r\n\x1a\n")) return;
  for (size_t at = signature; at + length_and_kind <= bytes.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8 | byte_at(bytes, at + i);
    if (bytes.substr(at + 4, 4) == "IEND") return;
    MNEME_CHECK(length <= bytes.size() - at - length_and_kind, "{}: ends in the middle of a chunk; fetch it again",
                name);
    at += length_and_kind + length + checksum;
  }
}

const stbi_uc* data_of(std::string_view bytes) { return reinterpret_cast<const stbi_uc*>(bytes.data()); }

}  // namespace

Picture decode_picture(std::string_view bytes, std::string_view name) {
  const int length = static_cast<int>(std::min<size_t>(bytes.size(), 1 << 30));
  int width = 0, height = 0, found = 0;
  check_jpeg(bytes, name);
  check_png(bytes, name);
  MNEME_CHECK(stbi_info_from_memory(data_of(bytes), length, &width, &height, &found),
              "{}: no JPEG or PNG picture; remove it or fetch it again", name);
  MNEME_CHECK(int64_t{width} * height <= most_pixels, "{}: {} x {} pixels are more than {} million", name, width,
              height, most_pixels / 1'000'000);
  const std::unique_ptr<stbi_uc, void (*)(void*)> mixed(
      stbi_load_from_memory(data_of(bytes), length, &width, &height, &found, channels), stbi_image_free);
  MNEME_CHECK(mixed, "{}: cannot be decoded ({}); the file is damaged, fetch it again", name, stbi_failure_reason());
  const size_t plane = static_cast<size_t>(width) * static_cast<size_t>(height);
  Picture picture{height, width, std::vector<uint8_t>(channels * plane)};
  for (size_t i = 0; i < plane; ++i)
    for (size_t c = 0; c < channels; ++c) picture.pixels[c * plane + i] = mixed.get()[channels * i + c];
  return picture;
}

Picture read_picture(const std::filesystem::path& file) { return decode_picture(read_file(file), file.string()); }

bool has_picture_name(const std::filesystem::path& file) {
  constexpr std::array<std::string_view, 3> endings{".jpg", ".jpeg", ".png"};
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(endings, ending) != endings.end();
}

}  // namespace mneme
