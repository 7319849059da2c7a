#include "data/images/image_check.h"

#include <doctest/doctest.h>

#include "engine/base/parallel.h"
#include "tests/data/images/memory_images.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {
namespace {

TEST_CASE("every image that cannot be decoded is found, with any number of threads") {
  std::vector<RawImage> images;
  for (uint32_t i = 0; i < 250; ++i) images.push_back(i % 50 == 7 ? RawImage{} : smooth_image(3, 4, i));
  for (const size_t i : {size_t{3}, size_t{240}}) images[i].remark = DecodeRemark::damaged;
  const MemoryImages set({"a"}, std::vector<int>(250, 0), images);
  const int before = threads();
  for (const int count : {1, 4}) {
    set_threads(count);
    std::vector<int> told;
    const ImageCheck found = check_images(set, [&](int done) { told.push_back(done); });
    const std::vector<BadImage>& bad = found.bad;
    CHECK(
        found.remarks.remarks() ==
        std::vector<std::string>{"2 x image that is damaged inside, as the decoder says: a part of it may be wrong (" +
                                 set.where(3) + ", " + set.where(240) + ")"});
    REQUIRE(bad.size() == 5);
    for (int k = 0; k < 5; ++k) CHECK(bad[static_cast<size_t>(k)].index == 50 * k + 7);
    CHECK(bad[1].why == "image 57 is damaged");
    CHECK(told == std::vector<int>{100, 200, 250});
  }
  set_threads(before);
}

TEST_CASE("a list without its bad images keeps all others as they were") {
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
