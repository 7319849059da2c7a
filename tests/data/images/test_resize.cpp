#include "data/images/resize.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "data/files/checksum.h"
#include "engine/base/error.h"
#include "tests/support/formula.h"
#include "tests/support/golden.h"
#include "tests/support/hex.h"

namespace mneme::test {
namespace {

/// An image whose planes are noise, a ramp and steps, as make_resize.py draws them.
RawImage drawn_image(int height, int width) {
  const size_t plane = static_cast<size_t>(height) * static_cast<size_t>(width);
  const uint64_t noise = text_hash("picture" + std::to_string(height) + "x" + std::to_string(width));
  RawImage image{height, width, std::vector<uint8_t>(3 * plane)};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const size_t i = static_cast<size_t>(y * width + x);
      image.pixels[i] = static_cast<uint8_t>(unit_at(noise, i) * 256);
      image.pixels[plane + i] = static_cast<uint8_t>(4 * x + 3 * y);
      image.pixels[2 * plane + i] = (x + y) % 16 < 8 ? 250 : 10;
    }
  return image;
}

std::string sum_of(const RawImage& image) {
  return sha256({reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size()});
}

TEST_CASE("parts of images resize to Pillow's bytes, and one call of Pillow's gives them within a grey level") {
  const nlohmann::json golden = golden_file("resize.json");
  for (const auto& row : golden["cases"]) {
    CAPTURE(row["picture"].dump() + row["box"].dump() + row["size"].dump());
    const auto& box = row["box"];
    const RawImage made = resized(drawn_image(row["picture"][0], row["picture"][1]), {box[0], box[1], box[2], box[3]},
                                  row["size"][0], row["size"][1]);
    CHECK(sum_of(made) == row["sha256"].get<std::string>());
    if (!row.contains("one_call")) continue;
    const std::string other = from_hex(row["one_call"]);
    REQUIRE(other.size() == made.pixels.size());
    int most = 0;
    for (size_t i = 0; i < other.size(); ++i)
      most = std::max(most, std::abs(static_cast<uint8_t>(other[i]) - made.pixels[i]));
    CHECK(most <= 1);
  }
}

TEST_CASE("a box of the wanted size is cut out unchanged") {
  const RawImage image = drawn_image(9, 11);
  const RawImage part = resized(image, {2, 3, 4, 5}, 4, 5);
  for (size_t c = 0; c < 3; ++c)
    for (size_t y = 0; y < 4; ++y)
      for (size_t x = 0; x < 5; ++x)
        CHECK(part.pixels[(c * 4 + y) * 5 + x] == image.pixels[(c * 9 + y + 2) * 11 + x + 3]);
}

TEST_CASE("boxes outside the image and empty sizes are refused") {
  const RawImage image = drawn_image(9, 11);
  for (const Box& box : {Box{-1, 0, 2, 2}, Box{0, -1, 2, 2}, Box{8, 0, 2, 2}, Box{0, 10, 2, 2}, Box{0, 0, 0, 2},
                         Box{0, 0, 2, 0}, Box{2147483647, 0, 2, 2}})
    CHECK_THROWS_WITH_AS(resized(image, box, 2, 2), doctest::Contains("does not lie in an image of 9 x 11"), Error);
  CHECK_THROWS_WITH_AS(resized(image, whole(image), 0, 2), doctest::Contains("cannot be resized to 0 x 2"), Error);
}

TEST_CASE("sizes and boxes are torchvision's") {
  const auto scaled = [](int h, int w) {
    const Extent e = with_short_side({h, w}, 256);
    return std::pair(e.height, e.width);
  };
  CHECK(scaled(375, 500) == std::pair(256, 341));  // 341.33 is rounded down
  CHECK(scaled(500, 333) == std::pair(384, 256));  // 384.38
  CHECK(scaled(64, 64) == std::pair(256, 256));
  CHECK(scaled(1, 40000) == std::pair(256, 10240000));
  const Box middle = centre_box({256, 341}, {224, 224});
  CHECK(middle.top == 16);
  CHECK(middle.left == 58);                              // 58.5 goes to the even side
  CHECK(centre_box({256, 343}, {224, 224}).left == 60);  // 59.5
  const Box small = centre_box({100, 300}, {224, 224});
  CHECK(small.top == 0);
  CHECK(small.height == 100);
}

}  // namespace
}  // namespace mneme::test
