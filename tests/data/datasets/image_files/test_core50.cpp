#include "data/datasets/image_files/core50.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "data/images/list_file.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

/// The objects of a batch of the published runs: one of each kind first, then one of half of the kinds.
std::vector<int> objects_of(int batch) {
  std::vector<int> objects;
  const int first = batch == 0 || batch % 2 == 1 ? 0 : 5, last = batch == 0 ? 10 : first + 5;
  for (int kind = first; kind < last; ++kind) objects.push_back(5 * kind + (batch + 1) / 2 + 1);
  return objects;
}

std::string image(int session, int object) { return fmt::format("s{0}/o{1}/C_{0:02}_{1:02}_000.png", session, object); }

/// Run 2, which learns the batches after the first in reverse order, with two training images and a test image of each
/// object.
struct Tree {
  ScratchFolder scratch;
  std::vector<std::string> train = std::vector<std::string>(9);  ///< the lists
  std::string test;

  Tree() {
    int label = 0;
    for (int place = 0; place < 9; ++place)
      for (const int object : objects_of(place == 0 ? 0 : 9 - place)) {
        for (const int session : {1, 11})
          train[static_cast<size_t>(place)] += fmt::format("{} {}\n", image(session, object), label);
        test += fmt::format("{} {}\n", image(3, object), label++);
        for (const int session : {1, 3, 11}) scratch.write("core50_128x128/" + image(session, object), "p");
      }
    write();
  }
  void write() const {
    const std::string folder = "batches_filelists/NC_inc/run2/";
    for (size_t place = 0; place < 9; ++place)
      scratch.write(fmt::format("{}train_batch_0{}_filelist.txt", folder, place), train[place]);
    scratch.write(folder + "test_filelist.txt", test);
  }
  ImageFileSplit find(int64_t skip_bad = 0) const {
    return find_core50(scratch.path(), {.run = 2, .skip_bad = skip_bad});
  }
  void check_says(const std::string& part, int64_t skip_bad = 99) const {
    write();
    test::check_says(message_of([&] { find(skip_bad); }), part);
  }
};

TEST_CASE("a run of CORe50 is found as it is given out, its classes in the order in which the run learns them") {
  const Tree tree;
  const ImageFileSplit split = tree.find();
  REQUIRE(split.train.class_names.size() == 50);
  CHECK(split.test.class_names == split.train.class_names);
  CHECK(split.train.class_names[0] == "plug_adapter1");
  CHECK(split.train.class_names[9] == "remote_control1");
  CHECK(split.train.class_names[10] == "glass5");  // batch 8: object 5 of the last five kinds
  CHECK(split.train.class_names[49] == "can2");    // batch 1: object 2 of the first five kinds
  CHECK(split.train.labels.size() == 100);
  CHECK(split.train.labels[21] == 10);
  CHECK(split.train.files[21] == "s11/o30/C_11_30_000.png");
  std::vector<int> all(50);
  for (int label = 0; label < 50; ++label) all[static_cast<size_t>(label)] = label;
  CHECK(split.test.labels == all);
  const ScratchFolder lists;
  write_list_files(lists.path(), split);
  CHECK(find_core50(lists.path()).train.class_names == split.train.class_names);
}

TEST_CASE("labels of CORe50 that are the objects' numbers give the same run") {
  Tree tree;
  const ImageFileSplit wanted = tree.find();
  const auto renumber = [](std::string& list) {
    std::string renumbered;
    for (size_t begin = 0; begin < list.size(); begin = list.find('\n', begin) + 1) {
      const std::string path = list.substr(begin, list.find(' ', begin) - begin);
      renumbered += fmt::format("{} {}\n", path, std::stoi(path.substr(path.find('o') + 1)) - 1);
    }
    list = renumbered;
  };
  for (std::string& list : tree.train) renumber(list);
  renumber(tree.test);
  tree.write();
  CHECK(tree.find().train.labels == wanted.train.labels);
  CHECK(tree.find().train.class_names == wanted.train.class_names);
}

TEST_CASE("a folder without CORe50, a run of it or a list says so") {
  const ScratchFolder empty;
  check_says(message_of([&] { find_core50(empty.path()); }),
             "/core50 is core50_128x128; fetch it with `core50 download --data ");
  const Tree tree;
  check_says(message_of([&] { find_core50(tree.scratch.path(), {.run = 1}); }),
             "lacks batches_filelists/NC_inc/run1 of CORe50; unpack the whole archive");
  std::filesystem::remove(tree.scratch / "batches_filelists/NC_inc/run2/train_batch_07_filelist.txt");
  check_says(message_of([&] { tree.find(); }), "train_batch_07_filelist.txt: no such file");
}

TEST_CASE("lists of CORe50 that are no published run are refused with the reason") {
  Tree tree;
  const std::string first = tree.train[0], second = tree.train[1], test = tree.test;
  tree.train[1] = second.substr(second.find('\n', second.find('\n') + 1) + 1);
  tree.check_says("1 x batch of another number of objects than 5 (");
  tree.check_says("train_batch_01_filelist.txt: 4)");
  tree.check_says("object that is in no batch (");
  tree.train[1] = tree.train[2];
  tree.check_says("5 x object in two batches (");
  tree.train[1] = second + "s1/o51/C_01_51_000.png 7\ns1/o0/a.png 1\nx1/o1/a.png 1\ns1/o1/b/a.png 1\no1 1\n";
  tree.check_says("5 x path that is no sN/oM/FILE with an object from 1 to 50 (");
  tree.train[1] = second + "s1/o1\n";
  tree.check_says("1 x line that is no 'path label' (");
  tree.train[1] = second + second.substr(0, second.find('\n') + 1);
  tree.check_says("1 x image listed twice (");
  tree.train[1] = "";
  tree.check_says("1 x list without an image (");
  tree.train[1] = second;
  tree.test = test + image(7, 1) + " 1\n";
  tree.check_says("1 x object with two labels (");
  tree.test = test;
  std::string& last = tree.train[8];
  for (size_t at; (at = last.find(" 49\n")) != std::string::npos;) last.replace(at, 4, " 0\n");
  tree.check_says("2 x label of two objects (");
}

TEST_CASE("a list of CORe50 that names missing images says so, and they may be left out") {
  Tree tree;
  std::filesystem::remove(tree.scratch / ("core50_128x128/" + image(3, 1)));
  tree.check_says("1 x absent file (" + (tree.scratch / "core50_128x128/s3/o1").string(), 0);
  CHECK(tree.find(1).test.labels.size() == 49);
}

}  // namespace
}  // namespace mneme::test
