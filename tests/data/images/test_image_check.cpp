#include "data/images/image_check.h"

#include <doctest/doctest.h>

#include "engine/base/parallel.h"
#include "tests/data/images/memory_images.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {
namespace {

TEST_CASE("every picture that cannot be decoded is found, with any number of threads") {
  std::vector<RawImage> pictures;
  for (uint32_t i = 0; i < 250; ++i) pictures.push_back(i % 50 == 7 ? RawImage{} : smooth_image(3, 4, i));
  const MemoryImages set({"a"}, std::vector<int>(250, 0), pictures);
  const int before = threads();
  for (const int count : {1, 4}) {
    set_threads(count);
    std::vector<int> told;
    const std::vector<BadImage> bad = bad_images(set, [&](int done) { told.push_back(done); });
    REQUIRE(bad.size() == 5);
    for (int k = 0; k < 5; ++k) CHECK(bad[static_cast<size_t>(k)].index == 50 * k + 7);
    CHECK(bad[1].why == "picture 57 is damaged");
    CHECK(told == std::vector<int>{100, 200, 250});
  }
  set_threads(before);
}

TEST_CASE("a list without its bad pictures keeps all others as they were") {
  ImageFileList list{.class_names = {"a", "b"}, .root = "somewhere"};
  for (int i = 0; i < 5; ++i) list.add(std::to_string(i), i % 2, static_cast<uint64_t>(10 * i));
  const ImageFileList kept = without(list, {{0, ""}, {3, ""}});
  CHECK(kept.class_names == list.class_names);
  CHECK(kept.root == list.root);
  CHECK(kept.labels == std::vector<int>{1, 0, 0});
  CHECK(kept.bytes == std::vector<uint64_t>{10, 20, 40});
  REQUIRE(kept.files.size() == 3);
  CHECK(kept.files[1] == "2");
}

}  // namespace
}  // namespace mneme::test
