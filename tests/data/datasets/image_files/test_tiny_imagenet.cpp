#include "data/datasets/image_files/tiny_imagenet.h"

#include <doctest/doctest.h>

#include "data/images/list_file.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

/// Three classes, of which two have the same name, with two training images and one test image each.
struct Tree {
  ScratchFolder scratch;
  Tree() {
    write("wnids.txt", "n03\nn01\nn02\n");
    write("words.txt", "n00\tentity\nn01\tgoldfish, Carassius auratus\nn02\tcrane\nn03\tcrane, machine\n");
    for (const std::string id : {"n01", "n02", "n03"}) {
      for (const char* number : {"0", "1"}) write("train/" + id + "/images/" + id + "_" + number + ".JPEG", "p");
      write("train/" + id + "/" + id + "_boxes.txt", "");
    }
    write("val/val_annotations.txt",
          "val_0.JPEG\tn03\t0\t32\t44\t62\nval_1.JPEG\tn01\t1\t2\t3\t4\nval_2.JPEG\tn02\t0\t0\t9\t9\n");
    for (const char* number : {"0", "1", "2"}) write(std::string("val/images/val_") + number + ".JPEG", "p");
    write("test/images/test_0.JPEG", "p");
  }
  void write(const std::string& name, const std::string& bytes) { scratch.write("tiny-imagenet-200/" + name, bytes); }
  ImageFileSplit find(int64_t skip_bad = 0) const { return find_tiny_imagenet(scratch.path(), skip_bad); }
  void check_says(const std::string& part, int64_t skip_bad = 0) const {
    test::check_says(message_of([&] { find(skip_bad); }), part);
  }
};

TEST_CASE("Tiny-ImageNet is found as it is given out, its classes in order of their ids and with their names") {
  const Tree tree;
  const ImageFileSplit split = tree.find();
  CHECK(split.train.class_names == std::vector<std::string>{"goldfish", "crane n02", "crane n03"});
  CHECK(split.train.labels == std::vector<int>{0, 0, 1, 1, 2, 2});
  CHECK(split.train.files[3] == "train/n02/images/n02_1.JPEG");
  CHECK(split.test.class_names == split.train.class_names);
  CHECK(split.test.labels == std::vector<int>{2, 0, 1});
  CHECK(split.test.files[1] == "val/images/val_1.JPEG");
  CHECK(split.left_out.remarks().empty());
  CHECK(find_tiny_imagenet(tree.scratch / "tiny-imagenet-200").test.labels == split.test.labels);
}

TEST_CASE("what was found of Tiny-ImageNet can be written to lists and read again") {
  const Tree tree;
  const ScratchFolder lists;
  write_list_files(lists.path(), tree.find());
  const ImageFileSplit read = find_tiny_imagenet(lists.path());
  CHECK(read.train.class_names == tree.find().train.class_names);
  CHECK(read.test.labels == tree.find().test.labels);
}

TEST_CASE("a folder without Tiny-ImageNet, or with a part of it, says so") {
  const ScratchFolder empty;
  const std::string folder = empty.path().string();
  CHECK(message_of([&] { find_tiny_imagenet(empty.path()); }) ==
        "no Tiny-ImageNet in " + folder + ": neither there nor in " + folder +
            "/tiny-imagenet-200 is wnids.txt; fetch it with `tiny-imagenet download --data " + folder + "`");
  const Tree tree;
  std::filesystem::remove(tree.scratch / "tiny-imagenet-200/val/val_annotations.txt");
  std::filesystem::remove(tree.scratch / "tiny-imagenet-200/words.txt");
  tree.check_says(
      "tiny-imagenet-200: lacks words.txt, val/val_annotations.txt of Tiny-ImageNet; unpack the whole archive");
}

TEST_CASE("what is wrong with Tiny-ImageNet is collected") {
  Tree tree;
  tree.write("val/val_annotations.txt",
             "val_0.JPEG\tn03\t0\nval_1.JPEG\nval_0.JPEG\tn01\nval_2.JPEG\tn04\nval_7.JPEG\tn01\n");
  tree.check_says("1 x line of one word, expected two or more (", 1);
  tree.check_says("val_annotations.txt:2)", 1);
  tree.check_says("1 x line about something that an earlier line tells of (", 1);
  tree.check_says("val_annotations.txt:3: val_0.JPEG)", 1);
  tree.check_says("1 x class that is not among those to be learned (", 1);
  tree.check_says("val_annotations.txt:4: n04)", 1);
  tree.check_says("1 x absent file (", 1);
  tree.write("val/val_annotations.txt", "val_0.JPEG\tn03\nval_7.JPEG\tn01\n");
  tree.check_says("1 x absent file (");
  CHECK(tree.find(1).test.labels.size() == 1);
  CHECK(tree.find(1).left_out.remarks()[0].starts_with("2 x image without a label ("));
  tree.write("val/val_annotations.txt", "\n");
  tree.check_says("1 x file without a line that can be read (", 9);
}

TEST_CASE("classes of Tiny-ImageNet without a name, an image or an id are told") {
  Tree tree;
  tree.write("train/n09/images/n09_0.JPEG", "p");
  CHECK(
      tree.find().left_out.remarks()[0].starts_with("1 x folder of a class that wnids.txt does not list, not read ("));
  tree.write("train/n02/images/n02_0.JPEG", "");
  tree.check_says("1 x empty file (");
  std::filesystem::remove(tree.scratch / "tiny-imagenet-200/train/n02/images/n02_1.JPEG");
  tree.check_says("1 x class without an image to learn from (crane n02)", 9);
  std::filesystem::remove_all(tree.scratch / "tiny-imagenet-200/train/n01");
  tree.check_says("1 x folder that cannot be listed (", 9);
  tree.write("words.txt", "n01\tgoldfish\nn03\tcrane\n");
  tree.check_says("1 x class without a name (", 9);
  tree.check_says("words.txt: n02)", 9);
  tree.write("wnids.txt", "n01\nn03\nn01\n");
  tree.check_says("1 x class that is listed twice (", 9);
  tree.write("wnids.txt", "");
  tree.check_says("1 x file without a line that can be read (", 9);
}

}  // namespace
}  // namespace mneme::test
