#include "data/datasets/image_files/landmarks.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "data/files/csv.h"
#include "data/images/list_file.h"
#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {
namespace {

std::string id_of(int number) { return fmt::format("{:016x}", 0x0123000000000000 + number); }

/// Lists the landmarks 7, 3, 12 and 5 with 4, 4, 6 and 1 images. The landmarks take turns until their images are used
/// up.
struct Tree {
  ScratchFolder scratch;
  std::string csv = "id,url,landmark_id\n";

  Tree() {
    std::pair<int, int> left[] = {{7, 4}, {3, 4}, {12, 6}, {5, 1}};
    for (int number = 0; number < 15;)
      for (auto& [landmark, images] : left)
        if (images-- > 0) add(number++, landmark);
    scratch.write("train.csv", csv);
  }
  void add(int number, int landmark) {
    csv += fmt::format("{},\"http://x/a,b.jpg\",{}\n", id_of(number), landmark);
    scratch.write("train/0/1/2/" + id_of(number) + ".jpg", "p");
  }
  ImageFileSplit find(int classes = 3, int64_t skip_bad = 0) const {
    return find_landmarks(scratch.path(), {.classes = classes, .test_per_class = 2, .skip_bad = skip_bad});
  }
  void check_says(const char* part, int64_t skip_bad = 0) const {
    CHECK_THROWS_WITH_AS(find(3, skip_bad), doctest::Contains(part), Error);
  }
};

TEST_CASE("landmarks are ranked by images, the lower id first among equals, and their first images are for testing") {
  const Tree tree;
  const ImageFileSplit split = tree.find();
  CHECK(split.train.class_names == std::vector<std::string>{"12", "3", "7"});
  CHECK(split.test.class_names == split.train.class_names);
  CHECK(split.train.labels.size() == 14 - 6);
  CHECK(split.test.labels == std::vector<int>{2, 1, 0, 2, 1, 0});
  for (const int label : {0, 1, 2}) CHECK(std::ranges::count(split.train.labels, label) == (label == 0 ? 4 : 2));
  CHECK(split.test.files[0] == "0/1/2/" + id_of(0) + ".jpg");
  CHECK(split.test.files[3] == "0/1/2/" + id_of(4) + ".jpg");
  CHECK(ImageFiles(split.train).fingerprint() == ImageFiles(tree.find().train).fingerprint());
}

TEST_CASE("the chosen landmarks, written to lists, are another run's set") {
  const Tree tree;
  const ScratchFolder lists;
  const ImageFileSplit split = tree.find();
  write_list_file(lists / "train.txt", split.train);
  write_list_file(lists / "test.txt", split.test);
  const ImageFileSplit read = find_landmarks(lists.path(), {.classes = 99});
  CHECK(read.train.class_names == split.train.class_names);
  CHECK(read.train.labels == split.train.labels);
  CHECK(read.test.labels == split.test.labels);
}

TEST_CASE("train.csv is read by the names of its columns, as any program writes it") {
  Tree tree;
  const std::string wanted = ImageFiles(tree.find().train).fingerprint();
  std::string swapped = "landmark_id;note;\"id\"\r\n", bare, addresses = "id,url,landmark_id\n";
  CsvReader reader(tree.csv);
  CsvRow row;
  reader.next(row);  // the line of column names
  while (reader.next(row)) {
    swapped += fmt::format("{};\"a; \"\"b\"\"\n c\"; \"{}\" \r\n", row.fields[2], row.fields[0]);
    bare += fmt::format("{},,{}\n", row.fields[0], row.fields[2]);
    addresses += fmt::format("{},http://x/a,b,c.jpg,{}\n", row.fields[0], row.fields[2]);
  }
  for (const std::string& csv : {"\xef\xbb\xbf" + tree.csv, swapped, bare, addresses}) {
    tree.scratch.write("train.csv", csv);
    CHECK(ImageFiles(tree.find().train).fingerprint() == wanted);
  }
  tree.scratch.write("train.csv", "landmark_id,images\n3,0123\n");
  tree.check_says("train.csv: has the columns landmark_id, images, expected id and landmark_id among them");
}

TEST_CASE("what is wrong with landmarks is collected") {
  Tree tree;
  const std::string first = (tree.scratch / ("train/0/1/2/" + id_of(0) + ".jpg")).string();
  std::filesystem::remove(first);
  tree.check_says(("1 x absent file (" + first).c_str());
  const ImageFileSplit split = tree.find(3, 1);
  CHECK(split.test.labels.size() == 5);  // no other image takes the place of the missing one
  CHECK(split.train.labels.size() == 8);
  tree.scratch.write("train.csv", tree.csv + id_of(3) + ",x,12\n");
  tree.check_says(("1 x id given twice (" + id_of(3)).c_str(), 1);
  tree.scratch.write("train.csv", tree.csv + "../../etc/passwd,x,12\n0123,x,1\n" + id_of(99) +
                                      ",12\nABCDEF0123456789,x,1\n" + id_of(98) + ",x,many\n");
  tree.check_says("5 x line that is no 'id,url,landmark_id' (", 9);
  tree.check_says("train.csv:17: id '../../etc/passwd', expected 16 digits 0 to 9 and a to f, ", 9);
  tree.check_says("train.csv:19: 2 fields, expected 3, ", 9);
  tree.check_says("train.csv:21: landmark_id 'many', expected a whole number)", 9);
  tree.scratch.write("train.csv", tree.csv);
  CHECK_THROWS_WITH_AS(tree.find(5), doctest::Contains("5 classes asked for, it has 4"), Error);
  CHECK_THROWS_WITH_AS(tree.find(4, 1), doctest::Contains("1 x landmark of which no image is left to learn from (5)"),
                       Error);
  const ScratchFolder empty;
  CHECK_THROWS_WITH_AS(find_landmarks(empty.path()), doctest::Contains("no Landmarks v2 in"), Error);
}

}  // namespace
}  // namespace mneme::test
