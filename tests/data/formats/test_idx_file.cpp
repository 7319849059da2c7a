#include "data/formats/idx_file.h"

#include <doctest/doctest.h>

#include "data/formats/gzip.h"
#include "tests/data/formats/idx_writer.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

std::string message(const std::string& bytes, size_t axes = 3) {
  return message_of([&] { parse_idx(bytes, "images", axes); });
}

const std::string six = idx_file({1, 2, 3}, "abcdef");

TEST_CASE("an idx file holds its shape and its values, packed or not") {
  for (const std::string& bytes : {six, gzipped(six)}) {
    const IdxArray array = parse_idx(bytes, "images", 3);
    CHECK(array.shape == std::vector<size_t>{1, 2, 3});
    CHECK(std::string(array.values.begin(), array.values.end()) == "abcdef");
  }
  CHECK(parse_idx(idx_file({0}, ""), "labels", 1).values.empty());
  const std::string many(3 << 20, 'x');  // more than one piece of the unpacked data
  CHECK(parse_idx(gzipped(idx_file({many.size()}, many)), "labels", 1).values.size() == many.size());
}

TEST_CASE("another magic number is told with what was found") {
  std::string other = six;
  other[0] = 1;
  check_says(message(other), "images: is no idx file of 3 axes: it does not begin with two zero bytes");
  other = six;
  other[2] = 0x0d;
  check_says(message(other), "holds values of type 0x0d, expected unsigned bytes (0x08)");
  check_says(message(six, 1), "has 3 axes, expected 1; check that it is the right file");
  check_says(message(gzipped(other)), "holds values of type 0x0d");
}

TEST_CASE("files of other kinds are named") {
  check_says(message(""), "is an empty file, expected an idx file");
  check_says(message("<html><body>Not found"), "is a web page (HTML or XML), expected an idx file");
  check_says(message("PK\3\4 and so on"), "is a ZIP archive, expected an idx file; unpack it first");
  check_says(message(std::string(50, '\0')), "holds nothing but zeros");
  check_says(message("abc"), "it has no head");
}

TEST_CASE("a file that is cut off anywhere, or goes on, is refused") {
  for (size_t size = 0; size < six.size(); ++size) CHECK(message(six.substr(0, size)) != "no error");
  check_says(message(six.substr(0, 12)), "ends too early, after 12 bytes");
  check_says(message(six.substr(0, 20)), "ends too early: 20 bytes of the 22 that its head claims");
  check_says(message(six + "g"), "has more bytes than the 22 that its head claims");
  const std::string packed = gzipped(six);
  for (size_t size = 2; size < packed.size(); ++size)
    check_says(message(packed.substr(0, size)), "ends too early: the packed data is cut off");
  check_says(message(packed + "g"), "1 bytes follow the packed data");
  check_says(message(gzipped(six + "g")), "has more bytes than the 22 that its head claims");
  check_says(message(gzipped(six.substr(0, 20))), "ends too early: 20 bytes of the 22");
}

TEST_CASE("no flipped bit in a packed file changes its values in silence") {
  const std::string packed = gzipped(six);
  constexpr size_t gzip_head = 10;  // of it, only the first four bytes say something
  int found = 0;
  for (size_t at = gzip_head; at < packed.size(); ++at) {
    CAPTURE(at);
    std::string broken = packed;
    broken[at] = static_cast<char>(broken[at] ^ 1 << at % 8);
    try {
      // The last byte of the data has bits that mean nothing.
      const bool same = parse_idx(broken, "images", 3).values == parse_idx(six, "images", 3).values;
      CHECK(same);
    } catch (const Error&) {
      ++found;
    }
  }
  CHECK(found >= static_cast<int>(packed.size() - gzip_head) - 1);
}

TEST_CASE("a head that claims terabytes is refused before memory is taken") {
  check_says(message(idx_file({0xffffffff, 0xffffffff, 0xffffffff}, "")), "claims more than 4294967296 values");
  check_says(message(idx_file({60000, 28, 28}, "abc")), "ends too early: 19 bytes of the 47040016");
}

TEST_CASE("only as much is unpacked as was asked for") {
  const std::string packed = gzipped(std::string(5 << 20, 'x'));
  CHECK(unpack_gzip(packed, "it", 7) == "xxxxxxx");
  CHECK(unpack_gzip(packed, "it", 9 << 20).size() == 5 << 20);
  CHECK(is_gzip(packed));
  CHECK_FALSE(is_gzip(six));
}

}  // namespace
}  // namespace mneme::test
