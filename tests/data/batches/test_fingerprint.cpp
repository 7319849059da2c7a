#include "data/batches/fingerprint.h"

#include <doctest/doctest.h>

#include <set>

#include "data/datasets/generated.h"
#include "data/files/checksum.h"

namespace mneme::test {
namespace {

ResidentDataset small() {
  return generate_images({.classes = 3, .train_per_class = 2, .test_per_class = 1, .seed = 5});
}

TEST_CASE("SHA-256 of pieces is that of the whole: FIPS 180-4's examples") {
  CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Sha256().add("a").add("").add("bc").hex() == sha256("abc"));
}

TEST_CASE("a set's fingerprint is its own, and any change in it is another") {
  const std::string one = fingerprint(small());
  CHECK(one.size() == 64);
  CHECK(fingerprint(small()) == one);
  std::set<std::string> all = {one};
  const auto changed = [&](auto change) {
    ResidentDataset data = small();
    change(data);
    CHECK(all.insert(fingerprint(data)).second);
  };
  changed([](auto& d) { d.train.pixels[100] ^= 1; });
  changed([](auto& d) { d.test.pixels.back() ^= 128; });
  changed([](auto& d) { d.train.labels[0] = 1; });
  changed([](auto& d) { std::swap(d.test.labels[0], d.test.labels[1]); });
  changed([](auto& d) { d.train.info.class_names[2] += "s"; });
  changed([](auto& d) { std::swap(d.train.info.class_names[0], d.train.info.class_names[1]); });
  changed([](auto& d) { d.train.info.normalisation.mean[0] += 0.001f; });
  changed([](auto& d) { std::swap(d.train, d.test); });
}

}  // namespace
}  // namespace mneme::test
