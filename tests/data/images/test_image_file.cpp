#include "data/images/image_file.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "data/files/checksum.h"
#include "data/files/file_bytes.h"
#include "data/images/image_decoders.h"
#include "engine/base/error.h"
#include "tests/support/golden.h"
#include "tests/support/hex.h"
#include "tests/support/paths.h"

namespace mneme::test {
namespace {

/// The largest difference of two images in grey levels. If `edge` is set, the last but one column does not count.
int most_difference(const RawImage& a, const RawImage& b, bool edge = false) {
  REQUIRE(a.height == b.height);
  REQUIRE(a.width == b.width);
  int most = 0;
  const size_t skipped = edge ? static_cast<size_t>((a.width - 1) / 2 * 2) : static_cast<size_t>(a.width);
  for (size_t i = 0; i < a.pixels.size(); ++i)
    if (i % static_cast<size_t>(a.width) != skipped) most = std::max(most, std::abs(a.pixels[i] - b.pixels[i]));
  return most;
}

/// stb_image 2.27 interpolates wrongly where colours are stored at half the width: in the last but one column it uses
/// the farther of two neighbours instead of the nearer.
bool halves_width_only(const std::string& jpeg) {
  const size_t frame = jpeg.find("\xff\xc0");
  return frame != std::string::npos && jpeg[frame + 9] == 3 && jpeg[frame + 11] == 0x21;
}

RawImage by_stb(const std::string& bytes) {
  const ImageHeader header = read_image_header(bytes, "x");
  return upright(decode_by_stb(bytes, header, "x"), header.orientation);
}

TEST_CASE("images of every kind decode to Pillow's colours within two grey levels, by either decoder") {
  const nlohmann::json golden = golden_file("decode.json");
  int good = 0;
  for (const auto& row : golden["cases"]) {
    const std::string name = row["name"], file = from_hex(row["file"]);
    CAPTURE(name);
    if (row["pixels"].is_null()) {
      CHECK_THROWS_AS(by_stb(file), Error);
      if (name == "bad: no end" && has_jpeg_turbo())  // Pillow refuses this file, although no pixel is missing
        CHECK(decode_image(file, "x").remark == DecodeRemark::no_end);
      else
        CHECK_THROWS_AS(decode_image(file, "x"), Error);
      continue;
    }
    const std::string pixels = from_hex(row["pixels"]);
    const RawImage wanted{row["size"][0], row["size"][1], {pixels.begin(), pixels.end()}};
    const bool edge = halves_width_only(file);
    CHECK(most_difference(decode_image(file, "x"), wanted, edge && !has_jpeg_turbo()) <= 2);
    CHECK(most_difference(by_stb(file), wanted, edge) <= 2);
    ++good;
  }
  CHECK(good == 27);
}

TEST_CASE("full-size ImageNet images decode to Pillow's colours within two grey levels, by either decoder") {
  const char* shared = std::getenv("MNEME_SHARED");
  if (!shared) {
    MESSAGE("skipped: MNEME_SHARED is not set");
    return;
  }
  const nlohmann::json golden = golden_file("samples.json");
  CHECK(golden["cases"].size() == 40);
  for (const auto& row : golden["cases"]) {
    const std::string name = row["name"];
    CAPTURE(name);
    const std::string file = read_file(std::filesystem::path(shared) / "data/imagenet-samples" / name);
    const RawImage image = decode_image(file, name);
    REQUIRE(image.height == row["size"][0]);
    REQUIRE(image.width == row["size"][1]);
    for (size_t i = 0; i < row["at"].size(); ++i)
      CHECK(std::abs(image.pixels[row["at"][i].get<size_t>()] - row["levels"][i].get<int>()) <= 2);
    if (!has_jpeg_turbo()) continue;
    CHECK(sha256({reinterpret_cast<const char*>(image.pixels.data()), image.pixels.size()}) == row["sha256"]);
    CHECK(most_difference(image, by_stb(file), halves_width_only(file)) <= 2);
  }
}

TEST_CASE("headers tell what an image is without decoding it") {
  const nlohmann::json golden = golden_file("decode.json");
  const auto header_of = [&](const std::string& name) {
    for (const auto& row : golden["cases"])
      if (row["name"] == name) return read_image_header(from_hex(row["file"]), name);
    throw std::runtime_error(name);
  };
  CHECK(header_of("jpeg grey").components == 1);
  CHECK(header_of("jpeg 4:2:0").components == 3);
  CHECK(header_of("jpeg cmyk").components == 4);
  CHECK(header_of("jpeg cmyk").adobe_transform == 0);
  CHECK(header_of("jpeg ycck").adobe_transform == 2);
  CHECK(header_of("jpeg cmyk without adobe").adobe_transform == -1);
  CHECK(header_of("jpeg progressive").progressive);
  CHECK_FALSE(header_of("jpeg restarts").progressive);
  CHECK(header_of("png rgb").format == ImageFormat::png);
  CHECK(header_of("png grey transparent").components == 1);
  for (int orientation = 0; orientation < 10; ++orientation) {
    const ImageHeader header = header_of("jpeg orientation " + std::to_string(orientation));
    CHECK(header.orientation == orientation);
    CHECK(header.height == 3);
    CHECK(header.lies() == (orientation >= 5 && orientation <= 8));
  }
}

TEST_CASE("decoding at a part of the size keeps the short side asked for") {
  if (!has_jpeg_turbo()) return;
  const std::string file = read_file(source_path("tests/fuzz/corpus/image_file/good-jpeg-64x80"));
  const auto size = [&](int least) {
    const RawImage image = decode_image(file, "x", {.least_short_side = least});
    return std::pair(image.height, image.width);
  };
  CHECK(size(0) == std::pair(64, 80));
  CHECK(size(33) == std::pair(64, 80));
  CHECK(size(32) == std::pair(32, 40));
  CHECK(size(17) == std::pair(32, 40));
  CHECK(size(16) == std::pair(16, 20));
  CHECK(size(1) == std::pair(8, 10));
}

TEST_CASE("a JPEG without the mark of its end is read, with a remark, as long as no pixel is missing") {
  if (!has_jpeg_turbo()) return;
  const nlohmann::json golden = golden_file("decode.json");
  int read = 0;
  for (const auto& row : golden["cases"]) {
    const std::string name = row["name"], file = from_hex(row["file"]);
    CAPTURE(name);
    if (row["pixels"].is_null() || !name.starts_with("jpeg") || !file.ends_with("\xff\xd9")) continue;
    const RawImage whole = decode_image(file, "x");
    CHECK(whole.remark == DecodeRemark::none);
    for (const size_t missing : {1, 2}) {
      const RawImage cut = decode_image(file.substr(0, file.size() - missing), "x");
      CHECK(cut.pixels == whole.pixels);
      CHECK(cut.remark == DecodeRemark::no_end);
    }
    CHECK_THROWS_WITH_AS(decode_image(file.substr(0, file.size() - 6), "x"), doctest::Contains("ends in the middle"),
                         Error);
    CHECK_THROWS_AS(by_stb(file.substr(0, file.size() - 2)), Error);
    ++read;
  }
  CHECK(read > 10);
}

TEST_CASE("a JPEG of which a part in the middle is gone is decoded with a remark or refused") {
  if (!has_jpeg_turbo()) return;
  const std::string file = read_file(source_path("tests/fuzz/corpus/image_file/good-jpeg-64x80"));
  const size_t scan = file.find("\xff\xda") + 20;
  int told = 0;
  for (size_t gone = 20; scan + gone + 40 < file.size(); gone += 50) {
    CAPTURE(gone);
    try {
      told += decode_image(file.substr(0, scan) + file.substr(scan + gone), "x").remark == DecodeRemark::damaged;
    } catch (const Error&) {
      ++told;
    }
    --told;
  }
  CHECK(told == 0);
}

TEST_CASE("a damaged chunk of a PNG is found by its checksum, unless it does not matter for the pixels") {
  const std::string png = read_file(source_path("tests/fuzz/corpus/image_file/good-png-RGB"));
  for (const char* kind : {"IHDR", "IDAT"}) {
    std::string damaged = png;
    damaged[png.find(kind) + 5] ^= 1;
    CHECK_THROWS_WITH_AS(decode_image(damaged, "x.png"),
                         doctest::Contains((std::string("x.png: a chunk ") + kind + " has the wrong checksum").c_str()),
                         Error);
  }
  const std::string text("\0\0\0\1tEXtx\0\0\0\0", 13);  // with a wrong checksum
  CHECK(decode_image(png.substr(0, 33) + text + png.substr(33), "x").pixels == decode_image(png, "x").pixels);
}

TEST_CASE("the names of images are known by their endings") {
  for (const char* name : {"a.jpg", "a.JPEG", "a.jpe", "a.JFIF", "a.pjpeg", "a.png", "a.b.Png"})
    CHECK(has_image_name(name));
  for (const char* name : {"a.bmp", "a.gif", "a.webp", "a.TIFF", "a.avif", "a.heic", "a.ppm"}) {
    CHECK_FALSE(has_image_name(name));
    CHECK(has_unread_image_name(name));
  }
  for (const char* name : {"a.txt", "jpg", "a", "a.jpg.part"}) {
    CHECK_FALSE(has_image_name(name));
    CHECK_FALSE(has_unread_image_name(name));
  }
}

TEST_CASE("what is wrong with an image is said in one line") {
  const nlohmann::json golden = golden_file("decode.json");
  const std::string jpeg = from_hex(golden["cases"][0]["file"]);
  const auto says = [](const std::string& bytes, const char* part, const DecodeOptions& options = {}) {
    CHECK_THROWS_WITH_AS(decode_image(bytes, "x.jpg", options), doctest::Contains(part), Error);
  };
  says("", "x.jpg: is an empty file, expected a JPEG or PNG image");
  says("GIF89a", "x.jpg: is a GIF image, expected a JPEG or PNG image; convert it to PNG or JPEG");
  says("<html>not found</html>", "x.jpg: is a web page");
  says("version https://git-lfs.github.com/spec/v1\n", "x.jpg: is a pointer of Git LFS");
  says("some text", "x.jpg: is no JPEG or PNG image, nor a file of another known kind");
  says(jpeg.substr(0, jpeg.size() / 2), "x.jpg: ends in the middle of the image");
  says(jpeg.substr(0, jpeg.size() - 20), "x.jpg: ends in the middle of the image");
  says(jpeg, "x.jpg: 13 x 19 pixels are more than 246", {.most_pixels = 246});
  CHECK_NOTHROW(decode_image(jpeg, "x", {.most_pixels = 247}));
  std::string two = jpeg;
  two[jpeg.find("\xff\xc0") + 9] = 2;
  says(two, "x.jpg: 2 colour components, expected 1, 3 or 4");
  std::string none = jpeg;
  none[jpeg.find("\xff\xc0") + 5] = none[jpeg.find("\xff\xc0") + 6] = 0;
  says(none, "x.jpg: no pixels");
  std::string scans = jpeg.substr(0, jpeg.size() - 2);
  const std::string scan = jpeg.substr(jpeg.find("\xff\xda"), 14);
  for (int i = 0; i < 1000; ++i) scans += scan;
  says(scans + "\xff\xd9", "x.jpg: more than 1000 scans");
  std::string table = jpeg;
  for (size_t length = 1; length <= 16; ++length) table[jpeg.find("\xff\xc4") + 4 + length] = 17;
  says(table, "x.jpg: ");
  CHECK_THROWS_WITH_AS(by_stb(table), doctest::Contains("a Huffman table of 272 codes"), Error);
}

}  // namespace
}  // namespace mneme::test
