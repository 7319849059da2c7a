#include "data/batches/augment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/device.h"
#include "tests/support/formula.h"
#include "tests/support/golden.h"

using namespace mneme;

namespace {

using Bytes = std::vector<uint8_t>;

/// Images that the normalisation leaves alone but for the division: out = x / 255.
ResidentImages plain_images(int side, const std::vector<Bytes>& pixels) {
  ResidentImages images;
  images.info = {"test", 3, side, side, {"only"}, {{0, 0, 0}, {1, 1, 1}}};
  for (const Bytes& one : pixels) {
    images.pixels.insert(images.pixels.end(), one.begin(), one.end());
    images.labels.push_back(0);
  }
  return images;
}

/// An image (3, side, side) whose bytes are f(channel, y, x).
template <class F>
Bytes drawn(int side, const F& f) {
  Bytes bytes;
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < side; ++y)
      for (int x = 0; x < side; ++x) bytes.push_back(static_cast<uint8_t>(f(c, y, x)));
  return bytes;
}

/// An image whose pixels hold their own place: x + 1, y + 1 and 255. Padding is zero.
Bytes coordinates(int side) {
  return drawn(side, [](int c, int y, int x) { return c == 0 ? x + 1 : c == 1 ? y + 1 : 255; });
}

struct Bytes8 {
  std::vector<int> values;  // (N, 3, side, side)
  int side;
  int at(int n, int c, int y, int x) const { return values[static_cast<size_t>(((n * 3 + c) * side + y) * side + x)]; }
};

Bytes8 as_bytes(const Tensor& batch) {
  Bytes8 out{{}, static_cast<int>(batch.dim(2))};
  for (const double v : batch.values()) out.values.push_back(static_cast<int>(std::lround(v * 255)));
  return out;
}

Tensor repeated(const DeviceImages& images, int count, const Augmentation& augmentation, BatchDraws draws) {
  return images.batch(std::vector<int>(static_cast<size_t>(count), 0), augmentation, draws);
}

const BatchDraws draws{random_key(8, Stream::augment), 1, 2, 0};

/// The chi-squared statistic for equally likely outcomes: the sum of (observed - expected)^2 / expected.
double chi_squared(const std::vector<int>& observed) {
  const double expected = std::accumulate(observed.begin(), observed.end(), 0.0) / static_cast<double>(observed.size());
  double sum = 0;
  for (const int o : observed) sum += (o - expected) * (o - expected) / expected;
  return sum;
}
/// An upper bound that chance exceeds about once in ten thousand: the mean and 4 deviations, and a little more for the
/// skewed distribution.
double chi_bound(double degrees) { return degrees + 4 * std::sqrt(2 * degrees) + 8; }

struct Placed {
  int top, left;
  bool flipped;
};

/// The crop and flip that explain every pixel of sample n; none if there is no such pair, or more than one.
std::optional<Placed> explained(const Bytes8& out, int n, int pad) {
  for (const bool flipped : {false, true})
    for (int top = 0; top <= 2 * pad; ++top)
      for (int left = 0; left <= 2 * pad; ++left) {
        bool all = true;
        for (int y = 0; y < out.side && all; ++y)
          for (int x = 0; x < out.side && all; ++x) {
            const int sy = top + y - pad, sx = left + (flipped ? out.side - 1 - x : x) - pad;
            const bool inside = sy >= 0 && sx >= 0 && sy < out.side && sx < out.side;
            all = out.at(n, 0, y, x) == (inside ? sx + 1 : 0) && out.at(n, 1, y, x) == (inside ? sy + 1 : 0) &&
                  out.at(n, 2, y, x) == (inside ? 255 : 0);
          }
        if (all) return Placed{top, left, flipped};
      }
  return {};
}

/// The test images of tests/golden/make_resized_crop.py.
Bytes photo(int i) {
  const uint64_t noise = test::text_hash("photo" + std::to_string(i));
  return drawn(32, [&](int c, int y, int x) {
    if (c == 0) return static_cast<int>(test::unit_at(noise, static_cast<uint64_t>(32 * y + x)) * 256);
    return c == 1 ? 4 * x + 3 * y : (x + i) % 16 < 8 ? 250 : 10;
  });
}

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  for (size_t i = 0; i < text.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

constexpr Augmentation resized_crop{.crop = Crop::resized_crop, .flip = true};
constexpr Augmentation pad_crop{.crop = Crop::pad_crop, .flip = true};

}  // namespace

TEST_CASE("without augmentation a batch holds the chosen images' pixels, normalised, on every device") {
  ResidentImages images =
      plain_images(4, {coordinates(4), drawn(4, [](int c, int y, int x) { return 80 * c + 10 * y + x; })});
  images.info.normalisation = {{0.5f, 0.25f, 0.125f}, {0.25f, 0.5f, 2}};
  for (const Device device : {Device::reference, Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    const Tensor batch = DeviceImages(images, device).batch(std::vector<int>{1, 0, 1});
    CHECK(batch.shape() == Shape{3, 3, 4, 4});
    CHECK(batch.layout() == Layout::plain);
    const std::vector<double> values = batch.values();
    for (size_t i = 0; i < values.size(); ++i) {
      const size_t image = i / 48 == 1 ? 0 : 1, channel = i / 16 % 3;
      const double pixel = images.pixels[48 * image + i % 48] / 255.0;
      CHECK(std::abs(values[i] - (pixel - images.info.normalisation.mean[channel]) /
                                     images.info.normalisation.std[channel]) < 2e-6);
    }
  }
}

TEST_CASE("in double precision the normalisation is exact to its last digits") {
  const ResidentImages images = plain_images(4, {coordinates(4)});
  const Tensor batch = DeviceImages(images, Device::reference, DType::f64).batch(std::vector<int>{0});
  CHECK(batch.dtype() == DType::f64);
  for (size_t i = 0; i < 48; ++i) CHECK(std::abs(batch.values()[i] - images.pixels[i] / 255.0) < 1e-15);
}

TEST_CASE("a padded crop shows the right pixels, black around them, at offsets and flips that are all equally likely") {
  constexpr int samples = 3000, pad = 4;
  const DeviceImages images(plain_images(8, {coordinates(8)}), Device::cpu);
  const Bytes8 out = as_bytes(repeated(images, samples, pad_crop, draws));
  std::vector<int> places(81, 0), rows(9, 0), columns(9, 0), flips(2, 0), row_and_flip(18, 0);
  for (int n = 0; n < samples; ++n) {
    const std::optional<Placed> placed = explained(out, n, pad);
    REQUIRE_MESSAGE(placed, "sample ", n, " is no crop of the padded image");
    ++places[static_cast<size_t>(9 * placed->top + placed->left)];
    ++rows[static_cast<size_t>(placed->top)];
    ++columns[static_cast<size_t>(placed->left)];
    ++flips[placed->flipped];
    ++row_and_flip[static_cast<size_t>(2 * placed->top + placed->flipped)];
  }
  CHECK(chi_squared(rows) < chi_bound(8));
  CHECK(chi_squared(columns) < chi_bound(8));
  CHECK(chi_squared(places) < chi_bound(80));
  CHECK(chi_squared(row_and_flip) < chi_bound(17));
  CHECK(std::abs(flips[1] - samples / 2) < 4 * std::sqrt(samples / 4.0));
}

TEST_CASE("padding is black before normalisation, not zero after it") {
  ResidentImages images = plain_images(8, {coordinates(8)});
  images.info.normalisation = {{0.5f, 0.5f, 0.5f}, {0.25f, 0.25f, 0.25f}};
  const std::vector<double> values = repeated(DeviceImages(images, Device::cpu), 20, pad_crop, draws).values();
  CHECK(*std::min_element(values.begin(), values.end()) == -2);
  CHECK(std::count(values.begin(), values.end(), -2) > 100);
}

TEST_CASE("flips alone, and neither, when an augmentation leaves the others out") {
  const DeviceImages images(plain_images(8, {coordinates(8)}), Device::cpu);
  const Bytes8 flips = as_bytes(repeated(images, 40, {.crop = Crop::none, .flip = true}, draws));
  int flipped = 0;
  for (int n = 0; n < 40; ++n) {
    const std::optional<Placed> placed = explained(flips, n, 0);
    REQUIRE(placed);
    flipped += placed->flipped;
  }
  CHECK(flipped > 5);
  CHECK(flipped < 35);
  const Bytes8 crops = as_bytes(repeated(images, 40, {.crop = Crop::pad_crop, .pad = 2, .flip = false}, draws));
  for (int n = 0; n < 40; ++n) {
    const std::optional<Placed> placed = explained(crops, n, 2);
    REQUIRE(placed);
    CHECK_FALSE(placed->flipped);
  }
}

TEST_CASE("brightness multiplies by a factor spread evenly around one, and stops at white") {
  const DeviceImages images(
      plain_images(4, {drawn(4, [](int c, int, int) { return c == 0   ? 100
                                                             : c == 1 ? 240
                                                                      : 0; })}), Device::reference,
      DType::f64);
  const std::vector<double> values = repeated(images, 2000, {.brightness = 0.25}, draws).values();
  std::vector<int> tenths(10, 0);
  for (size_t n = 0; n < 2000; ++n) {
    const double factor = values[48 * n] * 2.55;
    REQUIRE(factor >= 0.75);
    REQUIRE(factor <= 1.25);
    ++tenths[static_cast<size_t>(std::min(9.0, (factor - 0.75) * 20))];
    for (size_t p = 0; p < 16; ++p) {
      CHECK(values[48 * n + p] == values[48 * n]);  // the factor of each image
      CHECK(values[48 * n + 16 + p] == doctest::Approx(std::min(1.0, 240 * factor / 255)).epsilon(1e-6));
      CHECK(values[48 * n + 32 + p] == 0);
    }
  }
  CHECK(chi_squared(tenths) < chi_bound(9));
}

TEST_CASE("a resized crop is what Pillow makes of the padded image, byte for byte") {
  std::vector<Bytes> photos;
  for (int i = 0; i < 6; ++i) photos.push_back(photo(i));
  const BatchDraws stored{random_key(test::golden_file("resized_crop.json")["seed"].get<uint64_t>(), Stream::augment),
                          test::golden_file("resized_crop.json")["task"],
                          test::golden_file("resized_crop.json")["epoch"],
                          test::golden_file("resized_crop.json")["first_sample"]};
  for (const Device device : {Device::reference, Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    const Bytes8 out = as_bytes(
        DeviceImages(plain_images(32, photos), device).batch(std::vector<int>{0, 1, 2, 3, 4, 5}, resized_crop, stored));
    for (int n = 0; n < 6; ++n) {
      CAPTURE(n);
      const Bytes expected =
          from_hex(test::golden_file("resized_crop.json")["samples"][static_cast<size_t>(n)]["pixels"]);
      REQUIRE(expected.size() == 3072);
      int differing = 0;
      for (size_t i = 0; i < 3072; ++i) differing += out.values[3072 * static_cast<size_t>(n) + i] != int{expected[i]};
      CHECK(differing == 0);
    }
  }
}

TEST_CASE("resized crops have the areas, aspects and places of the specification") {
  // On ramps of 6 grey levels a pixel, a crop's width and height show as slopes; without padding, on 40 pixels a side.
  constexpr int samples = 1000, side = 40;
  const DeviceImages images(
      plain_images(side, {drawn(side, [](int c, int y, int x) { return c == 0   ? 6 * x
                                                                       : c == 1 ? 6 * y
                                                                                : 0; })}),
      Device::cpu);
  const Bytes8 out = as_bytes(repeated(images, samples, {.crop = Crop::resized_crop, .pad = 0}, draws));
  std::vector<double> areas, log_aspects, lefts, tops;
  for (int n = 0; n < samples; ++n) {
    // interior pixel i of the result lies at crop_start + (i + 1/2) extent / 40 - 1/2
    const auto extent = [&](int c) {
      const int first = c == 0 ? out.at(n, 0, 20, 10) : out.at(n, 1, 10, 20),
                last = c == 0 ? out.at(n, 0, 20, 30) : out.at(n, 1, 30, 20);
      return std::lround((last - first) / 3.0);
    };
    const double width = static_cast<double>(extent(0)), height = static_cast<double>(extent(1));
    areas.push_back(width * height / (side * side));
    log_aspects.push_back(std::log(width / height));
    const auto start = [&](int c, double size) {
      return (out.at(n, c, 20, 20) / 6.0 + 0.5 - 20.5 * size / side) / (side - size);
    };
    if (width < side - 3) lefts.push_back(start(0, width));
    if (height < side - 3) tops.push_back(start(1, height));
  }
  const auto share_below = [](const std::vector<double>& values, double limit) {
    return static_cast<double>(
               std::count_if(values.begin(), values.end(), [&](double v) { return v <= limit + 1e-9; })) /
           static_cast<double>(values.size());
  };
  const double chance = 4 * std::sqrt(0.25 / samples);
  for (size_t i = 0; i < 9; ++i) {
    CAPTURE(i);
    const double share = 0.1 * static_cast<double>(i + 1);
    CHECK(std::abs(share_below(areas, test::golden_file("resized_crop.json")["area_deciles"][i]) - share) <
          chance + 0.01);
    CHECK(std::abs(share_below(log_aspects, test::golden_file("resized_crop.json")["log_aspect_deciles"][i]) - share) <
          chance + 0.025);  // the distribution has few different values, so the bound is wider
  }
  CHECK(*std::min_element(areas.begin(), areas.end()) > 0.07);
  for (const std::vector<double>* starts : {&lefts, &tops}) {
    const double mean = std::accumulate(starts->begin(), starts->end(), 0.0) / static_cast<double>(starts->size());
    CHECK(std::abs(mean - 0.5) < 0.03);
    CHECK(share_below(*starts, 0.1) > 0.05);
    CHECK(share_below(*starts, 0.9) < 0.95);
  }
}

TEST_CASE("a batch depends on its draws' counters and on nothing else") {
  const DeviceImages images(plain_images(32, {photo(0), photo(1)}), Device::cpu);
  for (const Augmentation& augmentation :
       {pad_crop, resized_crop, Augmentation{.crop = Crop::pad_crop, .flip = true, .brightness = 0.3}}) {
    const std::vector<int> chosen = {0, 1, 1, 0, 1, 0};
    const std::vector<float> whole = images.batch(chosen, augmentation, draws).floats();
    CHECK(images.batch(chosen, augmentation, draws).floats() == whole);
    // the same samples in another batch
    BatchDraws later = draws;
    later.first_sample = 4;
    const std::vector<float> tail = images.batch(std::vector<int>{1, 0}, augmentation, later).floats();
    CHECK(std::equal(tail.begin(), tail.end(), whole.begin() + 4 * 3072));
    const auto differs = [&](const BatchDraws& other) {
      return images.batch(chosen, augmentation, other).floats() != whole;
    };
    CHECK(differs({draws.key, 2, 2, 0}));
    CHECK(differs({draws.key, 1, 3, 0}));
    CHECK(differs({draws.key, 1, 2, 1}));
    CHECK(differs({random_key(9, Stream::augment), 1, 2, 0}));
  }
}

TEST_CASE("pixels are the same for any number of threads and on every device of one precision") {
  const ResidentImages set = plain_images(32, {photo(0), photo(1), photo(2)});
  std::vector<int> chosen;
  for (int i = 0; i < 60; ++i) chosen.push_back(i % 3);
  const int before = threads();
  for (const Augmentation& augmentation : {pad_crop, resized_crop}) {
    const std::vector<float> reference =
        DeviceImages(set, Device::reference).batch(chosen, augmentation, draws).floats();
    for (const int count : {1, 2, 5}) {
      set_threads(count);
      CHECK(DeviceImages(set, Device::cpu).batch(chosen, augmentation, draws).floats() == reference);
    }
  }
  set_threads(before);
}

TEST_CASE("augmentations have names, with flips where pixels move, and unknown ones meet the nearest") {
  CHECK(augmentation_named("none").crop == Crop::none);
  CHECK_FALSE(augmentation_named("none").flip);
  for (const char* name : {"crop", "resized-crop"}) {
    CHECK(augmentation_named(name).flip);
    CHECK(augmentation_named(name).pad == 4);
    CHECK(name_of(augmentation_named(name).crop) == std::string(name));
  }
  CHECK_THROWS_WITH_AS((void)augmentation_named("resize-crop"), doctest::Contains("did you mean 'resized-crop'?"),
                       UsageError);
}
