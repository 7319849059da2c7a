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
#define STBI_ONLY_BMP
#define STBI_ONLY_PNM
#include <stb_image.h>
#pragma GCC diagnostic pop

namespace mneme {
namespace {

constexpr int64_t most_pixels = 100'000'000;
constexpr int channels = 3;

const stbi_uc* data_of(std::string_view bytes) { return reinterpret_cast<const stbi_uc*>(bytes.data()); }

}  // namespace

Picture decode_picture(std::string_view bytes, std::string_view name) {
  const int length = static_cast<int>(std::min<size_t>(bytes.size(), 1 << 30));
  int width = 0, height = 0, found = 0;
  MNEME_CHECK(stbi_info_from_memory(data_of(bytes), length, &width, &height, &found),
              "{}: no JPEG, PNG, BMP or PNM picture; remove it or fetch it again", name);
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
  constexpr std::array<std::string_view, 7> endings{".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".pgm", ".pnm"};
  std::string ending = file.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(endings, ending) != endings.end();
}

}  // namespace mneme
