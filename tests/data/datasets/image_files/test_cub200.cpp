#include "data/datasets/image_files/cub200.h"

#include <doctest/doctest.h>

#include "data/images/list_file.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

/// Two kinds of birds with two images each, the second of each for testing.
struct Tree {
  ScratchFolder scratch;
  Tree() {
    write("classes.txt", "1 001.Albatross\n2 002.Auklet\n");
    write("images.txt",
          "1 001.Albatross/a_1.jpg\n2 001.Albatross/a_2.jpg\n3 002.Auklet/b_1.jpg\n4 002.Auklet/b_2.jpg\n");
    write("image_class_labels.txt", "1 1\n2 1\n3 2\n4 2\n");
    write("train_test_split.txt", "1 1\n2 0\n3 1\n4 0\n");
    for (const char* name : {"001.Albatross/a_1", "001.Albatross/a_2", "002.Auklet/b_1", "002.Auklet/b_2"})
      write(std::string("images/") + name + ".jpg", "p");
  }
  void write(const std::string& name, const std::string& bytes) { scratch.write("CUB_200_2011/" + name, bytes); }
  void remove(const std::string& name) { std::filesystem::remove(scratch / ("CUB_200_2011/" + name)); }
  ImageFileSplit find(int64_t skip_bad = 0) const { return find_cub200(scratch.path(), skip_bad); }
  void check_says(const std::string& part, int64_t skip_bad = 0) const {
    test::check_says(message_of([&] { find(skip_bad); }), part);
  }
};

TEST_CASE("CUB-200-2011 is found as it is given out") {
  const Tree tree;
  const ImageFileSplit split = tree.find();
  CHECK(split.train.class_names == std::vector<std::string>{"001.Albatross", "002.Auklet"});
  CHECK(split.test.class_names == split.train.class_names);
  CHECK(split.train.labels == std::vector<int>{0, 1});
  CHECK(split.test.labels == std::vector<int>{0, 1});
  CHECK(split.train.files[1] == "images/002.Auklet/b_1.jpg");
  CHECK(split.test.files[0] == "images/001.Albatross/a_2.jpg");
  CHECK(find_cub200(tree.scratch / "CUB_200_2011").train.labels.size() == 2);
  const ScratchFolder lists;
  write_list_files(lists.path(), split);
  CHECK(find_cub200(lists.path()).train.class_names == split.train.class_names);
}

TEST_CASE("a folder without CUB-200-2011, or with a part of it, says so") {
  const ScratchFolder empty;
  check_says(message_of([&] { find_cub200(empty.path()); }),
             "/CUB_200_2011 is images.txt; fetch it with `cub200 download --data ");
  Tree tree;
  tree.remove("train_test_split.txt");
  tree.check_says("CUB_200_2011: lacks train_test_split.txt of CUB-200-2011; unpack the whole archive");
}

TEST_CASE("files of CUB-200-2011 that do not fit together are told, all at once") {
  Tree tree;
  tree.write("image_class_labels.txt", "1 1\n2 3\n4 2\n7 1\n");
  tree.check_says("1 x class that classes.txt does not list (", 9);
  tree.check_says("image_class_labels.txt:2: 3)", 9);
  tree.check_says("2 x image without a class in image_class_labels.txt (", 9);
  tree.check_says("images.txt:3: 002.Auklet/b_1.jpg)", 9);
  tree.check_says("1 x image that images.txt does not list (7)", 9);
  tree.check_says("1 x class without an image to learn from (002.Auklet)", 9);
}

TEST_CASE("a split of CUB-200-2011 that is not one of 0 and 1 is told") {
  Tree tree;
  tree.write("train_test_split.txt", "1 1\n2 2\n3 1\n");
  tree.check_says("1 x line that says neither 1 (to learn from) nor 0 (to test with) (", 9);
  tree.check_says("1 x image that is in neither part of train_test_split.txt (", 9);
  tree.write("train_test_split.txt", "1 1\n2\n3 1\n3 0\n");
  tree.check_says("1 x line of one word, expected two or more (", 9);
  tree.check_says("1 x line about something that an earlier line tells of (", 9);
}

TEST_CASE("bad images of CUB-200-2011 may be left out") {
  Tree tree;
  tree.remove("images/001.Albatross/a_2.jpg");
  tree.check_says("1 x absent file (");
  CHECK(tree.find(1).test.labels == std::vector<int>{1});
}

}  // namespace
}  // namespace mneme::test
