#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/datasets/generated.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"

using namespace mneme;

namespace {

GeneratedOptions small() { return {.classes = 6, .train_per_class = 4, .test_per_class = 2, .seed = 11}; }

std::string usage_message(const GeneratedOptions& options) {
  try {
    generate_images(options);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

double distance(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::abs(int{a[i]} - int{b[i]});
  return sum / static_cast<double>(a.size());
}

}  // namespace

TEST_CASE("generated images come class by class, as many as asked for") {
  const ResidentDataset data = generate_images(small());
  CHECK(data.train.size() == 24);
  CHECK(data.test.size() == 12);
  CHECK(data.train.pixels.size() == 24 * 3072);
  CHECK(data.train.info.classes() == 6);
  for (int i = 0; i < 24; ++i) CHECK(data.train.labels[static_cast<size_t>(i)] == i % 6);
}

TEST_CASE("one seed draws one set, whatever the number of threads") {
  GeneratedOptions many = small();
  many.train_per_class = 40;  // more images than one chunk of the generator
  const int before = threads();
  set_threads(1);
  const ResidentDataset one = generate_images(many);
  set_threads(3);
  const ResidentDataset three = generate_images(many);
  set_threads(before);
  CHECK(one.train.pixels == three.train.pixels);
  CHECK(one.test.pixels == three.test.pixels);
  many.seed = 12;
  CHECK(one.train.pixels != generate_images(many).train.pixels);
}

// These pixels are fixed, because another value would change every result on generated images. Change them only on
// purpose and note it in the changelog.
TEST_CASE("the pixels are the ones they have always been") {
  const ResidentDataset data = generate_images({.classes = 40, .train_per_class = 2, .test_per_class = 1, .seed = 0});
  CHECK(crc32(0, data.train.pixels.data(), static_cast<uInt>(data.train.pixels.size())) == 1581982787u);
  CHECK(crc32(0, data.test.pixels.data(), static_cast<uInt>(data.test.pixels.size())) == 1878713169u);
}

TEST_CASE("more classes and more images leave those already there unchanged") {
  const ResidentDataset few = generate_images(small());
  GeneratedOptions larger = small();
  larger.classes = 9;
  larger.train_per_class = 7;
  const ResidentDataset more = generate_images(larger);
  for (int n = 0; n < 4; ++n)
    for (int c = 0; c < 6; ++c) CHECK(std::ranges::equal(few.train.image(n * 6 + c), more.train.image(n * 9 + c)));
}

TEST_CASE("no two images are alike: within a class, between classes, between train and test") {
  const ResidentDataset data = generate_images(small());
  for (int i = 0; i < data.train.size(); ++i) {
    for (int j = 0; j < i; ++j) CHECK(distance(data.train.image(i), data.train.image(j)) > 8);
    for (int j = 0; j < data.test.size(); ++j) CHECK(distance(data.train.image(i), data.test.image(j)) > 8);
  }
}

TEST_CASE("pixels are spread as the normalisation says") {
  const ResidentDataset data = generate_images({.classes = 30, .train_per_class = 10, .test_per_class = 1});
  for (size_t c = 0; c < 3; ++c) {
    double sum = 0, squares = 0;
    for (int i = 0; i < data.train.size(); ++i)
      for (uint8_t x : data.train.image(i).subspan(c * 1024, 1024)) {
        sum += x / 255.0;
        squares += x / 255.0 * (x / 255.0);
      }
    const double n = data.train.size() * 1024.0, mean = sum / n;
    CHECK(std::abs(mean - static_cast<double>(data.train.info.normalisation.mean[c])) < 0.05);
    CHECK(std::abs(std::sqrt(squares / n - mean * mean) - static_cast<double>(data.train.info.normalisation.std[c])) <
          0.05);
  }
}

TEST_CASE("every class has a name and a look of its own, up to the very last") {
  std::set<std::string> names;
  for (int c = 0; c < most_generated_classes; ++c) names.insert(generated_class_name(c));
  CHECK(names.size() == most_generated_classes);
  CHECK(generated_class_name(0) == "plain red disc");
  CHECK(generated_class_name(1) == "checked green bar");
  CHECK(generated_class_name(432) == "two plain red discs");
  CHECK(generated_class_name(3 * 432) == "plain red disc on smooth red");
}

TEST_CASE("the first looks use every shape, texture and hue") {
  std::set<std::string> words;
  for (int c = 0; c < 20; ++c) {
    const std::string name = generated_class_name(c);
    for (size_t at = 0, end = 0; end != name.npos; at = end + 1) {
      end = name.find(' ', at);
      words.insert(name.substr(at, end - at));
    }
  }
  CHECK(words.size() == 12 + 6 + 6);
}

TEST_CASE("impossible counts are refused") {
  CHECK(usage_message({.classes = 0}) == "generated images: 0 classes, expected 1 to 32400");
  CHECK(usage_message({.classes = 32401}) == "generated images: 32401 classes, expected 1 to 32400");
  CHECK(usage_message({.train_per_class = 0}).find("0 training images per class") != std::string::npos);
  CHECK(usage_message({.classes = 1000, .test_per_class = 2001}) ==
        "generated images: 2001 test images per class, expected 1 to 2000");
}
