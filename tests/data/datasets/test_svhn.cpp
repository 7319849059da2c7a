#include "data/datasets/svhn.h"

#include <doctest/doctest.h>

#include "data/formats/mat_file.h"
#include "engine/base/error.h"
#include "tests/data/formats/mat_writer.h"
#include "tests/data/scratch_folder.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

/// The pixel of image n at row r, column c and colour k.
uint8_t pixel(int n, int r, int c, int k) { return static_cast<uint8_t>((7 * n + 5 * r + 3 * c + 101 * k) % 251); }

std::string pixels_of(int images) {
  std::string x;
  for (int n = 0; n < images; ++n)
    for (int k = 0; k < 3; ++k)
      for (int c = 0; c < 32; ++c)
        for (int r = 0; r < 32; ++r) x.push_back(static_cast<char>(pixel(n, r, c, k)));
  return x;
}

std::string x_of(int images, int side = 32) {
  return mat_array("X", {side, 32, 3, images}, mx_uint8, mi_uint8, pixels_of(images));
}

std::string y_of(const std::vector<double>& labels) {
  std::string bytes(8 * labels.size(), '\0');
  std::memcpy(bytes.data(), labels.data(), bytes.size());
  return mat_array("y", {static_cast<int32_t>(labels.size()), 1}, mx_double, mi_double, bytes);
}

const std::vector<double> five = {1, 10, 9, 5, 10};

std::string plain() { return mat_file({x_of(5), y_of(five)}); }
std::string packed() { return mat_file({mat_compressed(x_of(5)), mat_compressed(y_of(five))}); }

struct Folder {
  ScratchFolder scratch;
  Folder() { write("test_32x32.mat", packed()); }
  void write(const std::string& name, const std::string& bytes) { scratch.write(name, bytes); }

  std::string message(const std::string& train, const SvhnOptions& options = {}) {
    write("train_32x32.mat", train);
    return message(options);
  }
  std::string message(const SvhnOptions& options = {}) const {
    try {
      load_svhn(scratch.path(), options);
    } catch (const Error& error) {
      CHECK(error.exit_code() == 1);
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
      return error.what();
    }
    return "no error";
  }
};

bool readable() {
  if (!can_read_mat()) MESSAGE("this build lacks libmatio: skipped");
  return can_read_mat();
}

void check_five(const ResidentImages& images) {
  CHECK(images.labels == std::vector<int>{1, 0, 9, 5, 0});
  REQUIRE(images.size() == 5);
  for (int n = 0; n < 5; ++n)
    for (int k = 0; k < 3; ++k)
      for (int r = 0; r < 32; ++r)
        for (int c = 0; c < 32; ++c)
          REQUIRE(images.image(n)[static_cast<size_t>(k * 1024 + r * 32 + c)] == pixel(n, r, c, k));
}

TEST_CASE("SVHN is read as published: columns become rows, label 10 becomes digit 0, compressed or not") {
  if (!readable()) return;
  for (const std::string& train : {plain(), packed()}) {
    Folder folder;
    folder.write("train_32x32.mat", train);
    const ResidentDataset set = load_svhn(folder.scratch.path());
    check_five(set.train);
    check_five(set.test);
    CHECK(set.train.info.classes() == 10);
    CHECK(set.train.info.class_names[0] == "0");
    CHECK(set.train.info.name == "SVHN");
  }
}

TEST_CASE("labels may be stored as bytes, and variables in any order beside others") {
  if (!readable()) return;
  Folder folder;
  const std::string y = mat_array("y", {5, 1}, mx_uint8, mi_uint8, {"\x01\x0a\x09\x05\x0a", 5});
  const std::string other = mat_array("note", {1, 2}, mx_uint8, mi_uint8, "ab");
  folder.write("train_32x32.mat", mat_file({mat_compressed(other), y, mat_compressed(x_of(5)), other}));
  check_five(load_svhn(folder.scratch.path()).train);
}

TEST_CASE("labels may be of every numeric type") {
  if (!readable()) return;
  Folder folder;
  struct Type {
    uint32_t array_class, type;
    size_t bytes;
  };
  constexpr uint32_t first_class = 8;  // element classes of MATLAB: int8, then uint8, int16 and so on to uint64
  for (const Type& t : {Type{first_class, 1, 1}, Type{first_class + 1, 2, 1}, Type{first_class + 2, 3, 2},
                        Type{first_class + 3, 4, 2}, Type{first_class + 4, 5, 4}, Type{first_class + 5, 6, 4},
                        Type{first_class + 6, 12, 8}, Type{first_class + 7, 13, 8}}) {
    CAPTURE(t.array_class);
    std::string values;
    for (const char label : {1, 10, 9, 5, 10}) values += std::string(1, label) + std::string(t.bytes - 1, '\0');
    folder.write("train_32x32.mat", mat_file({x_of(5), mat_array("y", {5, 1}, t.array_class, t.type, values)}));
    check_five(load_svhn(folder.scratch.path()).train);
  }
}

TEST_CASE("MATLAB stores whole doubles as bytes, and they are read as such") {
  if (!readable()) return;
  Folder folder;
  const std::string y = mat_array("y", {5, 1}, mx_double, mi_uint8, {"\x01\x0a\x09\x05\x0a", 5});
  folder.write("train_32x32.mat", mat_file({x_of(5), y}));
  check_five(load_svhn(folder.scratch.path()).train);
}

TEST_CASE("the extra images join the training images when asked for") {
  if (!readable()) return;
  Folder folder;
  folder.write("train_32x32.mat", packed());
  check_says(folder.message({.extra = true}), "no extra_32x32.mat in ");
  folder.write("extra_32x32.mat", mat_file({x_of(2), y_of({3, 10})}));
  CHECK(load_svhn(folder.scratch.path()).train.size() == 5);
  const ResidentImages train = load_svhn(folder.scratch.path(), {.extra = true}).train;
  CHECK(train.labels == std::vector<int>{1, 0, 9, 5, 0, 3, 0});
  CHECK(train.image(6)[33] == pixel(1, 1, 1, 0));
}

TEST_CASE("a folder without SVHN says what is missing and how to fetch it") {
  const ScratchFolder empty;
  try {
    load_svhn(empty.path());
    FAIL_CHECK("read");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "no train_32x32.mat in " + empty.path().string() +
                                           "; fetch it with `svhn download --data " + empty.path().string() + "`");
  }
}

TEST_CASE("a build without libmatio says so") {
  if (can_read_mat()) return;
  Folder folder;
  check_says(folder.message(plain()), "install libmatio-dev");
}

TEST_CASE("arrays that are not SVHN's are refused with the reason") {
  if (!readable()) return;
  Folder folder;
  check_says(folder.message(mat_file({x_of(5)})), "holds no array 'y'");
  check_says(folder.message(mat_file({y_of(five)})), "holds no array 'X'");
  check_says(folder.message(mat_file({x_of(5), y_of({1, 2, 3, 4})})), "5 images but 4 labels");
  check_says(folder.message(mat_file({x_of(5), y_of({1, 2, 3, 4, 0})})), "image 4 has label 0, expected 1..10");
  check_says(folder.message(mat_file({x_of(5), y_of({1, 11, 3, 4, 5})})), "image 1 has label 11");
  check_says(folder.message(mat_file({x_of(5), y_of({1, 2.5, 3, 4, 5})})), "holds 2.5, which is no whole number");
  check_says(folder.message(mat_file({x_of(5), y_of({1, -3, 3, 4, 5})})), "holds -3");
  check_says(folder.message(mat_file({mat_array("X", {32, 32, 3}, mx_uint8, mi_uint8, pixels_of(1)), y_of({1})})),
             "X should have the shape 32 x 32 x 3 x N");
  check_says(folder.message(mat_file({mat_array("X", {3, 32, 32, 1}, mx_uint8, mi_uint8, pixels_of(1)), y_of({1})})),
             "X should have the shape");
}

TEST_CASE("files of other kinds are refused before the library sees them") {
  if (!readable()) return;
  Folder folder;
  check_says(folder.message(""), "it ends too early");
  check_says(folder.message(std::string(500, 'x')), "is no MATLAB file of version 5 or 7; save it again as version 7");
  for (const std::string begin : {"\x89HDF\r\n\x1a\n", "MATLAB 7.3 MAT-file, Platform: GLNXA64"})
    check_says(folder.message(begin + std::string(500, '\0')),
               "is a MATLAB file of version 7.3 (HDF5), expected version 5 or 7; save it again as version 7: in MATLAB "
               "save(file, 'X', 'y', '-v7'), in Python scipy.io.savemat(");
  check_says(folder.message("<html>" + std::string(500, ' ')), "is a web page (HTML or XML), expected a MATLAB file");
  check_says(folder.message(mat_file({mat_element(mi_uint8, "loose bytes")})), "holds something that is no array");
  constexpr uint32_t mx_struct = 2;
  check_says(folder.message(mat_file({mat_array("X", {1, 1}, mx_struct, mi_uint8, "a"), y_of(five)})),
             "holds more than plain arrays");
  check_says(folder.message(mat_file({mat_element(mi_matrix, "short"), y_of(five)})),
             "an array claims more than the file holds");
}

TEST_CASE("an array that claims terabytes is refused before memory is taken, compressed or not") {
  if (!readable()) return;
  Folder folder;
  const std::string x = mat_array("X", {32, 32, 3, 1 << 30}, mx_double, mi_uint8, pixels_of(1));
  for (const std::string& element : {x, mat_compressed(x)})
    check_says(folder.message(mat_file({element, y_of(five)})), "an array claims more than the file holds");
}

TEST_CASE("a file that was cut off anywhere is refused") {
  if (!readable()) return;
  Folder folder;
  for (const std::string& whole : {plain(), packed()})
    for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 40) {
      CAPTURE(size);
      const std::string message = folder.message(whole.substr(0, size));
      const bool told =
          message.find("too early") != std::string::npos || message.find("holds no array") != std::string::npos;
      CHECK_MESSAGE(told, message);
    }
}

TEST_CASE("any flipped bit in a compressed array is found") {
  if (!readable()) return;
  Folder folder;
  const std::string whole = packed();
  for (size_t at = 128; at < whole.size(); at += 1 + whole.size() / 200) {
    CAPTURE(at);
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 1 << at % 8);
    CHECK(folder.message(broken) != "no error");
  }
}

TEST_CASE("a damaged head of an uncompressed array never ends in more than an error") {
  if (!readable()) return;
  Folder folder;
  const std::string whole = plain();
  const size_t second = whole.size() - y_of(five).size();
  int refused = 0;
  for (const size_t begin : {size_t{128}, second})
    for (size_t at = begin; at < begin + 64; ++at)
      for (int bit = 0; bit < 8; bit += 3) {
        std::string broken = whole;
        broken[at] = static_cast<char>(broken[at] ^ 1 << bit);
        refused += folder.message(broken) != "no error";
      }
  CHECK(refused > 100);
}

TEST_CASE("a file of the official size must be the official one, unless it is not to be checked") {
  if (!readable()) return;
  Folder folder;
  folder.write("train_32x32.mat", packed());
  const std::filesystem::path test = folder.scratch / "test_32x32.mat";
  std::filesystem::resize_file(test, 64275384);  // a sparse file, which needs no space on the disk
  check_says(folder.message(), "has the size of the official file but other content");
  CHECK(folder.message({.check_content = false}).find("official") == std::string::npos);
}

}  // namespace
}  // namespace mneme::test
