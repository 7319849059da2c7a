#include "data/batches/streamed_images.h"

#include <doctest/doctest.h>

#include <cmath>
#include <condition_variable>
#include <mutex>

#include "data/batches/crop_draws.h"
#include "data/batches/decode_ahead.h"
#include "data/batches/fingerprint.h"
#include "data/files/checksum.h"
#include "data/images/resize.h"
#include "engine/base/error.h"
#include "tests/data/images/memory_images.h"

namespace mneme::test {
namespace {

const Normalisation as_bytes{{0, 0, 0}, {1 / 255.0f, 1 / 255.0f, 1 / 255.0f}};

/// Four images of 40 x 56, 56 x 40, 300 x 20 and 32 x 32 pixels, and a damaged one at position 4.
std::shared_ptr<const RawImageSet> five() {
  return std::make_shared<MemoryImages>(
      std::vector<std::string>{"a", "b"}, std::vector<int>{0, 0, 1, 1, 1},
      std::vector<RawImage>{smooth_image(40, 56, 1), smooth_image(56, 40, 2), smooth_image(300, 20, 3),
                            smooth_image(32, 32, 4), RawImage{}});
}

StreamedImages streamed(int side, int threads = 2) {
  return {five(), {.name = "five", .side = side, .normalisation = as_bytes, .threads = threads}};
}

BatchDraws draws(uint32_t epoch, uint32_t first = 0) { return {random_key(1, Stream::augment), 0, epoch, first}; }

std::vector<uint8_t> bytes_of(const Tensor& batch) {
  std::vector<uint8_t> out;
  for (const float value : batch.floats()) out.push_back(static_cast<uint8_t>(std::lround(value)));
  return out;
}

TEST_CASE("without augmentation a network sees the middle of the image, shrunk to 256 of 224 pixels") {
  const StreamedImages set = streamed(28);
  const auto source = set.source(Device::cpu, DType::f32);
  for (const int i : {0, 1, 3}) {
    const RawImage p = set.images().image(i);
    const Extent size = with_short_side({p.height, p.width}, 32);
    const RawImage small = resized(p, whole(p), size.height, size.width);
    const Box box = centre_box(size, {28, 28});
    const RawImage middle = resized(small, box, 28, 28);  // the box has the target's size, so its pixels are copied
    CHECK(bytes_of(source->batch(std::vector<int>{i})) == middle.pixels);
  }
}

TEST_CASE("a resized crop is the box that was drawn, and may be mirrored") {
  const StreamedImages set = streamed(16);
  const auto source = set.source(Device::cpu, DType::f32);
  const Augmentation crops{.crop = Crop::resized_crop, .flip = true};
  int mirrored = 0;
  for (uint32_t epoch = 0; epoch < 20; ++epoch) {
    const BatchDraws d = draws(epoch, 7);
    const std::vector<uint8_t> seen = bytes_of(source->batch(std::vector<int>{0, 1}, crops, d));
    const SampleDraws second{d, 1};
    const RawImage p = set.images().image(1), cut = resized(p, second.resized_box(56, 40), 16, 16);
    for (size_t row = 0; row < 3 * 16; ++row)
      for (size_t x = 0; x < 16; ++x)
        REQUIRE(seen[3 * 256 + row * 16 + x] == cut.pixels[row * 16 + (second.flips() ? 15 - x : x)]);
    mirrored += second.flips();
  }
  CHECK(mirrored > 2);
  CHECK(mirrored < 18);
}

TEST_CASE("a shifted crop lies anywhere in the shrunk image") {
  const StreamedImages set = streamed(28);
  const auto source = set.source(Device::cpu, DType::f32);
  const RawImage p = set.images().image(0), small = resized(p, whole(p), 32, 44);
  int least = 100, most = 0;
  for (uint32_t epoch = 0; epoch < 60; ++epoch) {
    const SampleDraws d{draws(epoch), 0};
    const Box box = d.shifted_box(28, 28, 4, 16);
    least = std::min(least, box.left), most = std::max(most, box.left);
    CHECK(bytes_of(source->batch(std::vector<int>{0}, {.crop = Crop::pad_crop}, d.batch)) ==
          resized(small, box, 28, 28).pixels);
  }
  CHECK(least == 0);
  CHECK(most == 16);
}

TEST_CASE(
    "random-resized-crop: areas and aspects are uniform where they fit, and the middle is taken where none does") {
  double area = 0, log_aspect = 0;
  constexpr int n = 4000;
  for (uint32_t i = 0; i < n; ++i) {
    const Box box = SampleDraws{draws(3), i}.resized_box(500, 500);
    REQUIRE(box.top + box.height <= 500);
    REQUIRE(box.left + box.width <= 500);
    area += box.height * box.width / 250000.0;
    log_aspect += std::log(static_cast<double>(box.width) / box.height);
  }
  // Boxes that do not fit are drawn again, which takes from the largest: the mean area is below that of U(0.08, 1), and
  // by the same quadrature as below 0.492.
  double weight = 0, expected = 0;
  for (int a = 0; a < 1000; ++a)
    for (int r = 0; r < 1000; ++r) {
      const double share = 0.08 + 0.92 * (a + 0.5) / 1000,
                   aspect = std::exp(std::log(4.0 / 3) * (2 * (r + 0.5) / 1000 - 1));
      if (share * aspect > 1 || share / aspect > 1) continue;
      weight += 1, expected += share;
    }
  CHECK(area / n == doctest::Approx(expected / weight).epsilon(0.03));
  CHECK(std::abs(log_aspect / n) < 0.015);
  const Box tall = SampleDraws{draws(0), 0}.resized_box(3000, 20),
            wide = SampleDraws{draws(0), 0}.resized_box(20, 3000);
  CHECK(tall.width == 20);
  CHECK(tall.height == 27);  // 20 / (3/4), rounded to the nearest
  CHECK(tall.top == (3000 - 27) / 2);
  CHECK(wide.height == 20);
  CHECK(wide.width == 27);
  CHECK(wide.left == (3000 - 27) / 2);
}

TEST_CASE("batches do not depend on threads, nor on what was expected") {
  const std::vector<BatchRequest> batches = {{{0, 1, 2}, {.crop = Crop::resized_crop, .flip = true}, draws(1)},
                                             {{3, 2, 1}, {.crop = Crop::resized_crop, .flip = true}, draws(1, 3)},
                                             {{0, 3, 3}, {.crop = Crop::resized_crop, .flip = true}, draws(1, 6)},
                                             {{1, 0, 2}, {.crop = Crop::resized_crop, .flip = true}, draws(1, 9)}};
  std::vector<std::vector<float>> alone;
  const StreamedImages one = streamed(16, 1), four = streamed(16, 4);
  const auto unexpected = one.source(Device::cpu, DType::f32), ahead = four.source(Device::cpu, DType::f32);
  for (const BatchRequest& batch : batches) alone.push_back(unexpected->assemble(batch).floats());
  ahead->prefetch(batches);
  for (size_t i = 0; i < batches.size(); ++i) {
    CHECK(ahead->assemble(batches[i]).floats() == alone[i]);
    CHECK(ahead->assemble(batches[0]).floats() == alone[0]);  // a batch outside the announced order
  }
  ahead->prefetch(batches);
  CHECK(ahead->assemble(batches[2]).floats() == alone[2]);  // asked for before its turn
  ahead->prefetch({batches[3]});                            // replaces what was announced before
  CHECK(ahead->assemble(batches[3]).floats() == alone[3]);
}

TEST_CASE("a damaged image is named when its batch is asked for, and spoils no other") {
  const StreamedImages set = streamed(16);
  const auto source = set.source(Device::cpu, DType::f32);
  const std::vector<BatchRequest> batches = {{{0, 1}}, {{4, 2}}, {{3, 0}}};
  const std::vector<float> last = source->assemble(batches[2]).floats();
  source->prefetch(batches);
  source->assemble(batches[0]);
  CHECK_THROWS_WITH_AS(source->assemble(batches[1]), "image 4 is damaged", Error);
  CHECK_THROWS_WITH_AS(source->assemble(batches[1]), "image 4 is damaged", Error);
  CHECK(source->assemble(batches[2]).floats() == last);
}

TEST_CASE("no more batches are worked on ahead than may wait") {
  std::mutex mutex;
  std::condition_variable changed;
  int samples = 0;
  DecodeAhead ahead(
      [&](const BatchRequest& request, uint32_t sample, uint8_t* out) {
        *out = static_cast<uint8_t>(request.images[sample]);
        const std::lock_guard lock(mutex);
        ++samples;
        changed.notify_all();
      },
      1, 3, 2);
  const auto wait_for = [&](int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return samples >= count; });
    return samples;
  };
  std::vector<BatchRequest> batches;
  for (int b = 0; b < 6; ++b) batches.push_back({{10 * b, 10 * b + 1, 10 * b + 2}});
  ahead.prefetch(batches);
  const auto stays_at = [&](int count) {  // waits so long that a thread that decoded more would be seen
    wait_for(count);
    std::unique_lock lock(mutex);
    CHECK_FALSE(changed.wait_for(lock, std::chrono::milliseconds(50), [&] { return samples > count; }));
  };
  stays_at(6);
  CHECK(ahead.take(batches[0]) == std::vector<uint8_t>{0, 1, 2});
  stays_at(9);
  for (size_t b = 1; b < 6; ++b) {
    const auto first = static_cast<uint8_t>(10 * b);
    CHECK(ahead.take(batches[b]) ==
          std::vector<uint8_t>{first, static_cast<uint8_t>(first + 1), static_cast<uint8_t>(first + 2)});
  }
  CHECK(wait_for(18) == 18);
}

TEST_CASE("of the first two bad samples the earlier is the one that is told of, however many threads there are") {
  DecodeAhead ahead(
      [](const BatchRequest& request, uint32_t sample, uint8_t*) {
        if (request.images[sample] < 0) fail("bad {}", sample);
      },
      1, 4, 2);
  for (int times = 0; times < 20; ++times)
    CHECK_THROWS_WITH_AS(ahead.take({{1, 2, -1, 3, -1, -1, 4, -1}}), "bad 2", Error);
}

TEST_CASE("a page shows the middle of an image, small") {
  const RawImage small = streamed(224).thumbnail(2);
  CHECK(small.height == 48);
  CHECK(small.width == 48);
  CHECK(small.pixels.size() == 3 * 48 * 48);
}

TEST_CASE("the fingerprint of a streamed set knows the side and the images") {
  const StreamedImages small = streamed(16), large = streamed(32);
  CHECK(fingerprint({small, small}) == fingerprint({small, small}));
  CHECK(fingerprint({small, small}) != fingerprint({small, large}));
}

}  // namespace
}  // namespace mneme::test
