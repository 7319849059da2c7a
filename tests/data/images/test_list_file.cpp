#include "data/images/list_file.h"

#include <doctest/doctest.h>

#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "tests/data/scratch_folder.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

struct Listed {
  ScratchFolder scratch;
  Listed() {
    for (const char* file : {"a/one.jpg", "two words.jpg", "three.jpg"}) scratch.write(file, "p");
  }
  /// The message with which a list file of these bytes is refused.
  std::string diagnostics_of(const std::string& bytes) const {
    Diagnostics diagnostics;
    read_list_file(scratch.write("list.txt", bytes), diagnostics);
    return diagnostics.text();
  }
};

TEST_CASE("a list names images relative to itself, with labels behind the last space") {
  const Listed files;
  Diagnostics diagnostics;
  const ImageFileList list = read_list_file(
      files.scratch.write("list.txt", "# comment\na/one.jpg 1\r\n\ntwo words.jpg\t 0\nthree.jpg 1"), diagnostics);
  CHECK(diagnostics.empty());
  CHECK(list.class_names == std::vector<std::string>{"0", "1"});
  CHECK(list.labels == std::vector<int>{1, 0, 1});
  CHECK(list.path(1) == files.scratch / "two words.jpg");
  CHECK(list.bytes[2] == 1);
}

TEST_CASE("what is wrong with a list is collected with places and counts") {
  const Listed files;
  const std::string list = (files.scratch / "list.txt").string();
  CHECK(files.diagnostics_of("three.jpg 0\nthree.jpg\n7\nthree.jpg -1\nthree.jpg 1x") ==
        "4 x line that is no 'path label' (" + list + ":2: no blank between a path and a label, " + list +
            ":3: no blank between a path and a label, " + list + ":4: no label, a whole number from 0, at the end, " +
            list + ":5: no label, a whole number from 0, at the end)");
  CHECK(files.diagnostics_of("three.jpg 0\na/one.jpg 0\nthree.jpg 0") ==
        "1 x image listed twice (" + list + ":3: three.jpg, as in line 1)");
  CHECK(files.diagnostics_of("three.jpg 0\nno.jpg 0\nnor.jpg 0") ==
        "2 x absent file (" + (files.scratch / "no.jpg").string() + ", " + (files.scratch / "nor.jpg").string() + ")");
  CHECK(files.diagnostics_of("three.jpg 0\na/one.jpg 2\ntwo words.jpg 2") ==
        "1 x class without an image (" + list + ": label 1)");
  CHECK(files.diagnostics_of("three.jpg 2000000000") ==
        "1 x label without a class (" + list + ": 2000000000, of 1 classes at most)");
  CHECK(files.diagnostics_of("# class cat\nthree.jpg 1").starts_with("1 x label without a class"));
  CHECK(files.diagnostics_of("# nothing") == "1 x list without an image (" + list + ")");
  files.scratch.write("empty.jpg", "");
  CHECK(files.diagnostics_of("empty.jpg 0").starts_with("1 x empty file"));
}

TEST_CASE("a written list is read as the same set, from another folder too") {
  const Listed files;
  ImageFileList list{.class_names = {"cat", "sea lion"}, .root = files.scratch.path()};
  list.add("a/one.jpg", 1, 1);
  list.add("two words.jpg", 0, 1);
  fs::create_directories(files.scratch / "lists");
  for (const char* name : {"list.txt", "lists/list.txt"}) {
    write_list_file(files.scratch / name, list);
    Diagnostics diagnostics;
    const ImageFileList read = read_list_file(files.scratch / name, diagnostics);
    CHECK_MESSAGE(diagnostics.empty(), diagnostics.text());
    CHECK(read.class_names == list.class_names);
    REQUIRE(read.labels == list.labels);
    CHECK(fs::equivalent(read.path(0), list.path(0)));
  }
  CHECK(read_file(files.scratch / "list.txt")
            .ends_with("\n# class cat\n# class sea lion\na/one.jpg 1\ntwo words.jpg 0\n"));
  CHECK_THROWS_WITH_AS(write_list_file(files.scratch / "no/list.txt", list), doctest::Contains("cannot write"), Error);
}

TEST_CASE("a list is read as any editor writes it") {
  const Listed files;
  for (const std::string& bytes :
       {std::string("\xef\xbb\xbf"
                    "a/one.jpg 1\r\n\r\n\"two words.jpg\"\t\"0\" \t\r\n  three.jpg 1  \r\n \r\n"),
        std::string("a/one.jpg 1\rtwo words.jpg 0\r# note\rthree.jpg 1"),
        std::string("'a/one.jpg' 1\ntwo words.jpg 0\nthree.jpg 1\n\n\n")}) {
    Diagnostics diagnostics;
    const ImageFileList list = read_list_file(files.scratch.write("list.txt", bytes), diagnostics);
    CHECK_MESSAGE(diagnostics.empty(), diagnostics.text());
    CHECK(list.labels == std::vector<int>{1, 0, 1});
    CHECK(list.path(1) == files.scratch / "two words.jpg");
  }
  CHECK_THROWS_WITH_AS(files.diagnostics_of("<html>"), doctest::Contains("list.txt: is a web page"), Error);
}

TEST_CASE("absolute paths and names that need quotes stay what they are when a list is written") {
  const Listed files;
  const std::string absolute = (files.scratch / "a/one.jpg").string();
  files.scratch.write(" odd.jpg", "p");
  ImageFileList list{.class_names = {"cat"}, .root = files.scratch.path()};
  list.add(absolute, 0, 1);
  list.add(" odd.jpg", 0, 1);
  for (const char* name : {"list.txt", "a/list.txt"}) {
    write_list_file(files.scratch / name, list);
    Diagnostics diagnostics;
    const ImageFileList read = read_list_file(files.scratch / name, diagnostics);
    CHECK_MESSAGE(diagnostics.empty(), diagnostics.text());
    REQUIRE(read.labels.size() == 2);
    CHECK(read.files[0] == absolute);
    CHECK(fs::equivalent(read.path(1), files.scratch / " odd.jpg"));
  }
  list.add("two\nlines.jpg", 0, 1);
  CHECK_THROWS_WITH_AS(write_list_file(files.scratch / "list.txt", list),
                       doctest::Contains("has a line end in its name"), Error);
}

TEST_CASE("lists that others wrote are not replaced, and nothing is written then") {
  const Listed files;
  ImageFileSplit split;
  split.train = {.class_names = {"cat"}, .root = files.scratch.path()};
  split.train.add("three.jpg", 0, 1);
  split.test = split.train;
  files.scratch.write("out/test.txt", "mine 1\n");
  const fs::path out = files.scratch / "out";
  const auto says = [&](const char* part) {
    CHECK_THROWS_WITH_AS(write_list_files(out, split), doctest::Contains(part), Error);
  };
  says("test.txt: is there already and was not written by `list`");
  CHECK_FALSE(fs::exists(out / "train.txt"));
  CHECK(read_file(out / "test.txt") == "mine 1\n");
  fs::remove(out / "test.txt");
  files.scratch.write("out/val.txt", "mine 1\n");
  says("val.txt: is there already, and would be read instead");
  fs::remove(out / "val.txt");
  fs::create_symlink(files.scratch / "three.jpg", out / "train.txt");
  says("train.txt: is there already and was not");
  fs::remove(out / "train.txt");
  write_list_files(out, split);
  write_list_files(out, split);  // it may replace the lists that it wrote itself
  CHECK(list_listed(out, 0).test.labels.size() == 1);
}

TEST_CASE("two lists are a set; the test list may lack classes but bring none") {
  const Listed files;
  files.scratch.write("train.txt", "a/one.jpg 1\ntwo words.jpg 0\n");
  files.scratch.write("test.txt", "three.jpg 0\n");
  const ImageFileSplit split = list_listed(files.scratch.path(), 0);
  CHECK(split.test.class_names == std::vector<std::string>{"0", "1"});
  CHECK(split.test.labels == std::vector<int>{0});
  files.scratch.write("val.txt", "three.jpg 2\ntwo words.jpg 1\na/one.jpg 0\n");
  CHECK_THROWS_WITH_AS(list_listed(files.scratch.path(), 9), doctest::Contains("val.txt: label 2"), Error);
  files.scratch.write("val.txt", "# class dog\nthree.jpg 0\n");
  CHECK_THROWS_WITH_AS(list_listed(files.scratch.path(), 9),
                       doctest::Contains("val.txt: 0, 'dog' and in train.txt '0'"), Error);
  files.scratch.write("val.txt", "three.jpg 0\nno.jpg 0\n");
  CHECK_THROWS_WITH_AS(list_listed(files.scratch.path(), 0), doctest::Contains("1 x absent file"), Error);
  CHECK(list_listed(files.scratch.path(), 1).test.labels.size() == 1);
}

}  // namespace
}  // namespace mneme::test
