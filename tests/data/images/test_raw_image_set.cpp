#include "data/images/raw_image_set.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"
#include "incremental/report/charts/png.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {
namespace {

/// A set of two images in two classes: one of 2 x 3 pixels and one of 4 x 1.
struct TwoFiles {
  ScratchFolder scratch;
  ImageFileList list{.class_names = {"cat", "dog"}, .root = scratch.path()};

  TwoFiles() {
    scratch.write("a/one.png", png_image(3, 2, std::vector<uint8_t>(18, 7)));
    scratch.write("two.png", png_image(1, 4, std::vector<uint8_t>(12, 9)));
    list.add("a/one.png", 1, 100);
    list.add("two.png", 0, 200);
  }
};

TEST_CASE("images in files are decoded when asked for, each with its label") {
  TwoFiles files;
  const ImageFiles set(std::move(files.list));
  CHECK(set.size() == 2);
  CHECK(set.classes() == 2);
  CHECK(set.labels() == std::vector<int>{1, 0});
  CHECK(set.image(0).height == 2);
  CHECK(set.image(0).width == 3);
  CHECK(set.image(1).pixels == std::vector<uint8_t>(12, 9));
  CHECK(set.where(1) == (files.scratch / "two.png").string());
  std::filesystem::remove(files.scratch / "two.png");
  CHECK_THROWS_WITH_AS(set.image(1), doctest::Contains("two.png: no such file"), Error);
}

TEST_CASE("the fingerprint of files follows names, sizes, labels and classes, not where they lie") {
  TwoFiles files;
  const auto sum = [&](auto change) {
    ImageFileList list = files.list;
    change(list);
    return ImageFiles(std::move(list)).fingerprint();
  };
  const std::string first = sum([](ImageFileList&) {});
  CHECK(first.size() == 64);
  CHECK(sum([](ImageFileList& l) { l.root = "/elsewhere"; }) == first);
  CHECK(sum([](ImageFileList& l) { l.labels[0] = 0; }) != first);
  CHECK(sum([](ImageFileList& l) { l.bytes[1] = 201; }) != first);
  CHECK(sum([](ImageFileList& l) { l.class_names[1] = "cow"; }) != first);
  CHECK(sum([](ImageFileList& l) { l.add("b", 0, 1); }) != first);
}

TEST_CASE("a label without a class is refused") {
  ImageFileList list{.class_names = {"cat"}};
  list.add("x.png", 1, 1);
  CHECK_THROWS_WITH_AS(ImageFiles(std::move(list)), doctest::Contains("label 1, but there are 1 classes"), Error);
}

TEST_CASE("names are kept in one block") {
  NameList names;
  for (const char* name : {"a", "", "long name"}) names.add(name);
  CHECK(names.size() == 3);
  CHECK(names[0] == "a");
  CHECK(names[1].empty());
  CHECK(names[2] == "long name");
}

}  // namespace
}  // namespace mneme::test
